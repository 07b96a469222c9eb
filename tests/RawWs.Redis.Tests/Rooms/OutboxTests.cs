using RawWs.Redis.Rooms;
using static RawWs.Redis.Rooms.NodeSequences.Verdict;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>What a sender leaves out, receivers know by the numbers.</summary>
public sealed class OutboxTests
{
    private static readonly NodeId Node = NodeId.New();

    [Fact]
    public void What_waits_is_numbered_and_stays_in_order_until_it_is_removed()
    {
        var outbox = new Outbox(Node, capacity: 3, sizeCapacity: 1_000);
        Assert.True(outbox.TryAdd(Message()));
        Assert.True(outbox.TryAdd(Message()));

        Assert.Equal([1, 2], NumbersOf(outbox.Peek(10, 10_000)));
        Assert.Equal([1], NumbersOf(outbox.Peek(1, 10_000)));
        outbox.RemoveFirst(wasSent: true);
        Assert.Equal([2], NumbersOf(outbox.Peek(10, 10_000)));
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_shown_by_what_follows_or_by_a_marker()
    {
        var outbox = new Outbox(Node, capacity: 2, sizeCapacity: 1_000);
        Assert.True(outbox.TryAdd(Message()));
        Assert.True(outbox.TryAdd(Message()));
        Assert.False(outbox.TryAdd(Message()));
        outbox.RemoveFirst(wasSent: true);
        Assert.True(outbox.TryAdd(Message()));
        Assert.Equal([2, 4], NumbersOf(outbox.Peek(10, 10_000)));

        Assert.False(outbox.TryAdd(Message()));
        outbox.RemoveFirst(wasSent: true);
        outbox.RemoveFirst(wasSent: true);
        var marker = Assert.Single(outbox.Peek(10, 10_000));
        Assert.True(Envelope.IsMarker(marker));
        Assert.Equal([6], NumbersOf([marker]));

        outbox.RemoveFirst(wasSent: true);
        Assert.Empty(outbox.Peek(10, 10_000));
    }

    [Fact]
    public void What_is_refused_at_last_is_shown_once_and_a_refused_marker_is_not_followed_by_another()
    {
        var outbox = new Outbox(Node, capacity: 2, sizeCapacity: 1_000);
        outbox.TryAdd(Message());
        outbox.RemoveFirst(wasSent: false);
        Assert.Equal([2], NumbersOf(outbox.Peek(10, 10_000)));
        outbox.RemoveFirst(wasSent: false);
        Assert.Empty(outbox.Peek(10, 10_000));

        outbox.Skip();
        Assert.Equal([4], NumbersOf(outbox.Peek(10, 10_000)));
    }

    [Fact]
    public void Bytes_are_bounded_as_well()
    {
        var size = Message().Length;
        var outbox = new Outbox(Node, capacity: 100, sizeCapacity: (2 * size) + 1);

        Assert.True(outbox.TryAdd(Message()));
        Assert.True(outbox.TryAdd(Message()));
        Assert.False(outbox.TryAdd(Message()));
        Assert.Equal(2, outbox.Peek(10, 2 * size).Length);
        Assert.Single(outbox.Peek(10, (2 * size) - 1));
        Assert.Single(outbox.Peek(10, 1));
        outbox.RemoveFirst(wasSent: true);
        Assert.True(outbox.TryAdd(Message()));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public void What_fills_them_to_the_last_byte_still_fits(int left, bool fits)
    {
        var outbox = new Outbox(Node, capacity: 100, sizeCapacity: Message().Length + left);

        Assert.Equal(fits, outbox.TryAdd(Message()));
    }

    [Fact]
    public void Receivers_know_what_comes_twice_and_what_is_missing()
    {
        var (one, other) = (NodeId.New(), NodeId.New());
        var sequences = new NodeSequences(capacity: 10);

        // Whoever is heard for the first time may have said something before.
        Assert.Equal(
            [Next, Next, Duplicate, Duplicate, BehindGap, Next, Next, BehindGap],
            TakeAll(sequences, (one, 5), (one, 6), (one, 6), (one, 5), (one, 8), (one, 9), (other, 1), (other, 3)));

        // After a gap that was told, the next one of each is no other; but what comes twice still is.
        sequences.Restart();
        Assert.Equal([Duplicate, Next, BehindGap, Next, Next], TakeAll(sequences, (one, 9), (one, 12), (one, 14), (other, 9), (other, 10)));
    }

    [Fact]
    public void Where_nobody_had_said_anything_a_node_that_is_not_heard_from_its_first_message_is_behind_a_gap()
    {
        NodeId[] nodes = [NodeId.New(), NodeId.New(), NodeId.New(), NodeId.New()];
        var sequences = new NodeSequences(capacity: 3);
        sequences.Begin();
        Assert.Equal([Next, BehindGap, Next], TakeAll(sequences, (nodes[0], 1), (nodes[1], 2), (nodes[1], 3)));

        // Whoever is forgotten and heard again is not.
        Assert.Equal([Next, Next, Next], TakeAll(sequences, (nodes[2], 1), (nodes[3], 1), (nodes[0], 2)));

        // Nor is what is part of a gap that was told.
        var others = new NodeSequences(capacity: 3);
        others.Begin();
        others.Restart();
        Assert.Equal(Next, others.Take(nodes[0], 2));
    }

    [Fact]
    public void Nodes_that_were_heard_first_are_forgotten_first()
    {
        NodeId[] nodes = [NodeId.New(), NodeId.New(), NodeId.New()];
        var sequences = new NodeSequences(capacity: 2);
        foreach (var node in nodes)
            sequences.Take(node, 1);

        Assert.Equal([Next, Duplicate], ((NodeId[])[nodes[0], nodes[2]]).Select(node => sequences.Take(node, 1)));
    }

    private static NodeSequences.Verdict[] TakeAll(NodeSequences sequences, params (NodeId Node, ulong Sequence)[] messages)
        => Array.ConvertAll(messages, message => sequences.Take(message.Node, message.Sequence));

    private static byte[] Message() => Envelope.Write(Node, new RoomPublication { Rooms = ["a"], Message = "x" });

    private static IEnumerable<ulong> NumbersOf(IEnumerable<byte[]> written) => written.Select(each => Envelope.TryRead(each, out var envelope) ? envelope.Sequence : 0);
}
