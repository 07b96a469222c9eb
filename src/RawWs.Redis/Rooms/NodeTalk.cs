using System.Collections.Concurrent;
using RawWs.Redis.Client;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Rooms;

/// <summary>Says that this node lives, hears which others do, and asks them how many members a room has.</summary>
internal sealed class NodeTalk(NodeId self, NodeChannel channel, IRoomReceiver receiver, RedisBackplaneOptions options, BackplaneMetrics metrics) : RedisSubscriber
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly Roster _roster = new(options.TimeProvider, Roster.Patience * options.HeartbeatInterval);
    private readonly ConcurrentDictionary<ulong, PendingCount> _questions = new();
    private readonly Wakeup _wakeup = new();
    private ulong _lastNumber;

    /// <summary>The other nodes that live.</summary>
    public NodeId[] Others => _roster.Living;

    /// <inheritdoc/>
    public override void OnConfirmed() => _wakeup.Set();

    /// <inheritdoc/>
    public override void OnMessage(RedisMessage message)
    {
        if (!NodeMessage.TryRead(message.Payload.Span, out var said))
        {
            metrics.Ignored("malformed");
            return;
        }

        if (said.Node == self)
            return;

        if (said.Kind == NodeMessageKind.Gone)
        {
            _roster.Remove(said.Node);
            foreach (var question in _questions.Values)
                question.Excuse(said.Node);

            return;
        }

        // Whoever is new is to know of this node, too.
        if (_roster.Hear(said.Node))
            _wakeup.Set();

        if (said.Kind == NodeMessageKind.Question)
            Send(new NodeMessage(NodeMessageKind.Answer, self, said.Number, null, said.Node, receiver.CountMembers(said.Room)));
        else if (said.Kind == NodeMessageKind.Answer && said.Asker == self && _questions.TryGetValue(said.Number, out var question))
            question.Answer(said.Node, said.Members);
    }

    /// <summary>Says that this node lives, from when it hears the others, or does not for one interval, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Whoever hears of a node for the first time says at once that it is here, too: the new one is to hear that.
        await _wakeup.WaitAsync(options.HeartbeatInterval, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            // What could not be said is not left to the next heartbeat: who is new asks nobody again.
            var isSaid = await TrySendAsync(new NodeMessage(NodeMessageKind.Here, self), cancellationToken).ConfigureAwait(false);
            await _wakeup.WaitAsync(isSaid ? options.HeartbeatInterval : RetryInterval, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Says that this node ends, and answers nobody any more.</summary>
    public Task SayGoneAsync() => channel.SayLastAsync(new NodeMessage(NodeMessageKind.Gone, self).Write());

    /// <summary>Counts the members of a room on this node and all others that live.</summary>
    public async Task<MemberCount> CountAsync(string? room, bool isConnected, CancellationToken cancellationToken)
    {
        var here = receiver.CountMembers(room);
        if (!isConnected)
            return new MemberCount(here, 1, IsPartial: true);

        var number = Interlocked.Increment(ref _lastNumber);
        var question = new PendingCount(_roster.Living);
        _questions[number] = question;
        try
        {
            if (!question.Complete.IsCompleted)
            {
                Send(new NodeMessage(NodeMessageKind.Question, self, number, room));
                await question.Complete.WaitAsync(options.CountTimeout, options.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            _questions.TryRemove(number, out _);
        }

        var (members, nodes, isComplete) = question.Result;
        return new MemberCount(here + members, 1 + nodes, !isComplete);
    }

    // Nobody waits for it: what is lost is said again, or missing from an answer.
    private void Send(NodeMessage message) => _ = TrySendAsync(message, CancellationToken.None);

    private Task<bool> TrySendAsync(NodeMessage message, CancellationToken cancellationToken) => channel.TrySayAsync(message.Write(), cancellationToken);
}
