using RawWs.Redis.Rooms;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>What nodes say to each other about members, as it travels.</summary>
public sealed class PresenceMessageTests
{
    private static readonly NodeId Self = new(UInt128.One), Other = new(2);
    private static readonly RoomMember Ada = new(7, "Åda"), Nameless = new(-1, null);

    [Fact]
    public void The_form_is_the_one_that_is_described()
    {
        Assert.Equal(
            "52500102" + "00000000000000000000000000000001" + "0000000000000009"
            + "00000002" + "C3A4" + "03" + "0000000000000007" + "00000004" + "C3856461"
            + "00000002" + "C3A4" + "00" + "0000000000000007",
            Convert.ToHexString(PresenceWriter.Changes(Self, 9, [PresenceWriter.Change("ä", Ada, hasJoined: true), PresenceWriter.Change("ä", Ada, hasJoined: false)]).Single()));
        Assert.Equal("52500100" + "00000000000000000000000000000001" + "0000000000000003" + "01", Convert.ToHexString(PresenceWriter.Here(Self, 3, isAsking: true)));
    }

    [Fact]
    public void What_is_written_is_read_and_nothing_shorter_or_longer_is()
    {
        byte[][] changes = [PresenceWriter.Change("a", Ada, hasJoined: true), PresenceWriter.Change("b", Nameless, hasJoined: true)];
        Assert.Equal(new PresenceMessage.Here(Self, 3, IsAsking: false), Whole(PresenceWriter.Here(Self, 3, isAsking: false)));
        Assert.Equal(new PresenceMessage.Gone(Self), Whole(PresenceWriter.Gone(Self)));
        Assert.Equal(new PresenceMessage.Ask(Self, Other), Whole(PresenceWriter.Ask(Self, Other)));

        var told = (PresenceMessage.Changes)Read(PresenceWriter.Changes(Self, 9, changes).Single());
        Assert.Equal((Self, 9u), (told.Node, told.First));
        Assert.Equal([new MemberChange("a", 7, "Åda", true), new MemberChange("b", -1, null, true)], told.Changed);

        var page = (PresenceMessage.Page)Read(PresenceWriter.Pages(Self, 4, []).Single());
        Assert.Equal((4u, 0u, true, 0), (page.Number, page.Index, page.IsLast, page.Members.Length));

        var question = new PresenceMessage.Question(Self, 5, 1_000, "räum");
        Assert.Equal(question, Read(PresenceWriter.Question(Self, 5, 1_000, "räum")));
        var answer = (PresenceMessage.Answer)Read(PresenceWriter.Answers(Other, question, 12, [Ada, Nameless]).Single());
        Assert.Equal((Other, 5u, Self, 12, 0u, true), (answer.Node, answer.Number, answer.Asker, answer.Count, answer.Index, answer.IsLast));
        Assert.Equal([Ada with { Node = $"{Other}" }, Nameless with { Node = $"{Other}" }], answer.Members);
    }

    [Fact]
    public void Many_are_told_in_parts_that_follow_each_other()
    {
        byte[][] changes = [.. Enumerable.Range(0, 10_000).Select(id => PresenceWriter.Change("a", new RoomMember(id, $"member {id}"), hasJoined: true))];
        byte[][] written = [.. PresenceWriter.Changes(Self, 1, changes)];
        Assert.InRange(written.Length, 2, 10);
        Assert.All(written, part => Assert.InRange(part.Length, 1, PresenceWriter.PageSize + 64));
        var next = 1ul;
        foreach (var part in written.Select(part => (PresenceMessage.Changes)Read(part)))
        {
            Assert.Equal(next, part.First);
            next += (ulong)part.Changed.Length;
        }

        Assert.Equal(10_001u, next);
        PresenceMessage.Page[] pages = [.. PresenceWriter.Pages(Self, 9, changes).Select(part => (PresenceMessage.Page)Read(part))];
        Assert.Equal(Enumerable.Range(0, pages.Length), pages.Select(page => (int)page.Index));
        Assert.Equal([pages[^1]], pages.Where(page => page.IsLast));
        Assert.Equal(Enumerable.Range(0, 10_000), pages.SelectMany(page => page.Members).Select(member => (int)member.Id));
    }

    [Fact]
    public void An_info_that_is_too_long_stays_here_and_half_a_surrogate_is_replaced()
    {
        Assert.Equal(4_096, InfoOf(new string('x', 4_096))?.Length);
        Assert.Null(InfoOf(new string('x', 4_097)));
        Assert.Null(InfoOf(new string('ä', 2_049)));
        Assert.Equal("half \ufffd", InfoOf("half \ud800"));
        Assert.Equal("", InfoOf(""));

        static string? InfoOf(string info)
            => ((PresenceMessage.Changes)Read(PresenceWriter.Changes(Self, 1, [PresenceWriter.Change("a", new RoomMember(1, info), hasJoined: true)]).Single())).Changed.Single().Info;
    }

    [Theory]
    [InlineData("52500200000000000000000000000000000000010000000000000003" + "00", "another version")]
    [InlineData("524E0100000000000000000000000000000000010000000000000003" + "00", "another talk")]
    [InlineData("52500107" + "00000000000000000000000000000001", "no kind")]
    [InlineData("52500100" + "00000000000000000000000000000001" + "0000000000000003" + "02", "no flag")]
    [InlineData("52500102" + "00000000000000000000000000000001" + "0000000000000001", "no change")]
    [InlineData("52500102" + "00000000000000000000000000000001" + "0000000000000000" + "00000001" + "61" + "01" + "0000000000000001", "numbers are from 1")]
    [InlineData("52500102" + "00000000000000000000000000000001" + "FFFFFFFFFFFFFFFF" + "00000001" + "61" + "01" + "0000000000000001", "there is no next number")]
    [InlineData("52500102" + "00000000000000000000000000000001" + "0000000000000001" + "00000000" + "01" + "0000000000000001", "a room without a name")]
    [InlineData("52500102" + "00000000000000000000000000000001" + "0000000000000001" + "FFFFFFFF" + "61" + "01" + "0000000000000001", "a name that is longer than all")]
    [InlineData("52500102" + "00000000000000000000000000000001" + "0000000000000001" + "00000001" + "FF" + "01" + "0000000000000001", "no UTF-8")]
    [InlineData("52500102" + "00000000000000000000000000000001" + "0000000000000001" + "00000001" + "61" + "02" + "0000000000000001" + "00000000", "who leaves has no info")]
    [InlineData("52500102" + "00000000000000000000000000000001" + "0000000000000001" + "00000001" + "61" + "04" + "0000000000000001", "an unknown flag")]
    [InlineData("52500104" + "00000000000000000000000000000001" + "0000000000000001" + "00000000" + "01" + "00000001" + "61" + "00" + "0000000000000001", "who has left is not there")]
    [InlineData("52500105" + "00000000000000000000000000000001" + "0000000000000001" + "00000001", "a room without a name")]
    [InlineData("52500105" + "00000000000000000000000000000001" + "0000000000000001" + "80000000" + "61", "more than there can be")]
    [InlineData("52500106" + "00000000000000000000000000000001" + "0000000000000001" + "00000000000000000000000000000002" + "FFFFFFFF" + "00000000" + "01", "fewer than none")]
    public void What_is_of_another_form_is_refused(string hex, string why) => Assert.False(PresenceReader.TryRead(Convert.FromHexString(hex), out _), why);

    [Fact]
    public void A_name_or_an_info_that_nobody_would_write_is_refused()
    {
        byte[] head = PresenceWriter.Changes(Self, 1, [[]]).Single(), name = [0, 0, 0, 1, (byte)'a'], member = [1, 0, 0, 0, 0, 0, 0, 0, 7], rest = [.. Enumerable.Repeat((byte)'x', 4_096)];
        Assert.True(PresenceReader.TryRead([.. head, 0, 0, 0x10, 0, .. rest, .. member], out _));
        Assert.False(PresenceReader.TryRead([.. head, 0, 0, 0x10, 1, .. rest, (byte)'x', .. member], out _));
        member[0] = 3;
        Assert.True(PresenceReader.TryRead([.. head, .. name, .. member, 0, 0, 0x10, 0, .. rest], out _));
        Assert.False(PresenceReader.TryRead([.. head, .. name, .. member, 0, 0, 0x10, 1, .. rest, (byte)'x'], out _));
    }

    [Fact]
    public void Whatever_comes_is_read_or_refused_and_no_more_is_made_of_it_than_was_there()
    {
        byte[][] written =
        [
            PresenceWriter.Here(Self, 3, isAsking: true), PresenceWriter.Ask(Self, Other), PresenceWriter.Question(Self, 5, 1_000, "räum"),
            PresenceWriter.Changes(Self, 9, [PresenceWriter.Change("a", Ada, hasJoined: true), PresenceWriter.Change("b", Ada, hasJoined: false)]).Single(),
            PresenceWriter.Pages(Self, 4, [PresenceWriter.Change("a", Ada, hasJoined: true)]).Single(),
            PresenceWriter.Answers(Other, new PresenceMessage.Question(Self, 5, 10, "a"), 12, [Ada, Nameless]).Single(),
        ];
        var random = new Random(4711);
        for (var round = 0; round < 20_000; round++)
        {
            var body = (byte[])written[round % written.Length].Clone();
            for (var times = random.Next(1, 4); times > 0; times--)
                body[random.Next(body.Length)] = (byte)random.Next(256);

            var isRead = PresenceReader.TryRead(body.AsSpan(0, random.Next(body.Length + 1)), out var message);
            Assert.Equal(isRead, message is not null);
        }
    }

    private static PresenceMessage Read(byte[] written)
    {
        Assert.True(PresenceReader.TryRead(written, out var message));
        return message;
    }

    /// <summary>Reads a message of a fixed length.</summary>
    private static PresenceMessage Whole(byte[] written)
    {
        Assert.All(Enumerable.Range(0, written.Length), length => Assert.False(PresenceReader.TryRead(written.AsSpan(0, length), out _)));
        Assert.False(PresenceReader.TryRead([.. written, 0], out _));
        return Read(written);
    }
}
