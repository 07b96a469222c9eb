using System.Net;
using FsCheck;
using FsCheck.Fluent;
using RawWs.Redis.Client;

namespace RawWs.Redis.Tests.Client;

/// <summary>Whatever a server tells of slots and redirections is read as it is meant, or not believed; never does it throw, or name what can not be.</summary>
public sealed class ClusterMapPropertyTests
{
    private const ulong Seed = 16_384;
    private static readonly DnsEndPoint Asked = new("asked.example", 7_000);

    private static readonly Gen<RespValue> Host = Gen.Frequency(
        (6, Gen.Elements("127.0.0.1", "::1", "[::1]", "redis-1.example", "").Select(RespValue.FromText)),
        (2, Gen.Elements("?", " ", "a b", "a:b", "http://x", "\0", new string('x', 300), "256.1.1.1:9").Select(RespValue.FromText)),
        (1, Gen.Elements(RespValue.Null, RespValue.FromInteger(1), RespValue.FromItems())));

    private static readonly Gen<RespValue> Number = Gen.Frequency(
        (8, Gen.Choose(0, HashSlot.Count - 1).Select(number => RespValue.FromInteger(number))),
        (1, Gen.Elements(-1, HashSlot.Count, long.MinValue, long.MaxValue, 0x1_0000_0000).Select(RespValue.FromInteger)),
        (1, Gen.Elements(RespValue.Null, RespValue.FromText("1"), RespValue.FromItems())));

    [Fact]
    public void What_is_told_of_slots_is_what_is_known()
    {
        // Where ranges end, and whose each is.
        var cases =
            from ends in Gen.Choose(0, HashSlot.Count - 2).NonEmptyListOf()
            from owners in Gen.Choose(0, 9).ArrayOf(ends.Count + 1)
            select (Ends: ends.Distinct().Order().Append(HashSlot.Count - 1).ToArray(), Owners: owners);

        Run(cases, each =>
        {
            var begins = each.Ends.Select(static end => end + 1).Prepend(0).ToArray();
            var ranges = each.Ends.Select((end, place) => Range(begins[place], end, $"host{each.Owners[place]}", 6_379)).ToArray();
            var map = ClusterMap.Read(RespValue.FromItems(ranges), Asked);
            return map is { IsComplete: true }
                && each.Ends.Select((end, place) => map[begins[place]]!.Host == $"host{each.Owners[place]}" && map[end]!.Equals(map[begins[place]])).All(static isRight => isRight)
                && map.Masters.Count == each.Owners.Take(each.Ends.Length).Distinct().Count();
        });
    }

    [Fact]
    public void What_makes_no_sense_is_not_believed_and_what_is_believed_makes_sense()
    {
        var server =
            from host in Host
            from port in Number
            from more in Gen.Elements(0, 1)
            select RespValue.FromItems([host, port, .. more == 0 ? (RespValue[])[] : [RespValue.FromText("id")]]);
        var range =
            from first in Number
            from last in Number
            from owner in Gen.Frequency((8, server), (1, Number))
            from length in Gen.Frequency((9, Gen.Constant(3)), (1, Gen.Choose(0, 2)))
            select RespValue.FromItems(new[] { first, last, owner }.AsSpan(0, length));

        Run(range.ListOf(), ranges =>
        {
            var map = ClusterMap.Read(RespValue.FromItems([.. ranges]), Asked);
            if (map is null)
                return true;

            var owners = Enumerable.Range(0, HashSlot.Count).Select(slot => map[slot]).OfType<DnsEndPoint>().Distinct().ToList();
            return map.Masters.Count > 0 && owners.TrueForAll(map.Masters.Contains) && map.Masters.All(IsPossible);
        });
    }

    [Fact]
    public void A_slot_that_is_named_twice_makes_no_sense()
    {
        var all = Range(0, HashSlot.Count - 1, "host1", 6_379);

        Assert.NotNull(ClusterMap.Read(RespValue.FromItems(all), Asked));
        Assert.Null(ClusterMap.Read(RespValue.FromItems(all, Range(5, 5, "host2", 6_379)), Asked));
    }

    [Fact]
    public void Where_a_server_sends_to_is_read_or_is_no_redirection()
    {
        var word = Gen.Elements("MOVED", "ASK", "moved", "ERR", "0", "16383", "16384", "-1", "99999999999", "127.0.0.1:7001", ":7001", "[::1]:7001", "::1:7001", "?:7001", "a b:1", "host:0", "host:65536", ":", "");
        Run(word.ListOf(), words =>
        {
            var error = new RedisErrorException(string.Join(' ', words));
            return ClusterRedirection.Read(error, Asked) is not { } redirection
                || (redirection.Slot is >= 0 and < HashSlot.Count && IsPossible(redirection.Server) && redirection.IsAsk == (words[0] == "ASK"));
        });

        Assert.Equal(new(false, 3_999, new("127.0.0.1", 6_381)), ClusterRedirection.Read(new("MOVED 3999 127.0.0.1:6381"), Asked));
        Assert.Equal(new(true, 0, new("::1", 1)), ClusterRedirection.Read(new("ASK 0 ::1:1"), Asked));
        Assert.Equal(new(false, 1, new("asked.example", 7_001)), ClusterRedirection.Read(new("MOVED 1 :7001"), Asked));
    }

    [Fact]
    public void There_are_as_many_masters_as_there_may_be()
    {
        var most = Enumerable.Range(0, ClusterMap.MaxMasterCount).Select(static place => Range(place, place, $"host{place}", 1)).ToArray();
        var map = ClusterMap.Read(RespValue.FromItems(most), Asked);
        Assert.NotNull(map);
        Assert.False(map.TryMove(0, new("another", 1)));
        Assert.True(map.TryMove(0, new("host1", 1)));
        Assert.Equal("host1", map[0]!.Host); // It has just been given.
        Assert.Null(ClusterMap.Read(RespValue.FromItems([.. most, Range(16_000, 16_000, "another", 1)]), Asked));
    }

    private static bool IsPossible(DnsEndPoint server) => server.Port is >= 1 and <= ushort.MaxValue && Uri.CheckHostName(server.Host) != UriHostNameType.Unknown;

    private static RespValue Range(int first, int last, string host, int port)
        => RespValue.FromItems(RespValue.FromInteger(first), RespValue.FromInteger(last), RespValue.FromItems(RespValue.FromText(host), RespValue.FromInteger(port), RespValue.FromText("id")));

    private static void Run<T>(Gen<T> cases, Func<T, bool> holds)
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000).WithReplay(new Replay(new Rnd(Seed), size: null)), Prop.ForAll(cases.ToArbitrary(), holds));
}
