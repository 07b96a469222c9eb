using RawWs.Testing;

namespace RawWs.Redis.Tests.Architecture;

/// <summary>The rooms of the library and who may use whom. A room is a folder of the source, and the end of a namespace but for what applications use.</summary>
public sealed class RoomTests
{
    private static readonly SourceRooms Rooms = new(typeof(RedisClient).Assembly, "RawWs.Redis");

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Resp"] = [],
        ["Diagnostics"] = [],
        ["Client"] = ["Resp", "Diagnostics"],
        ["Rooms"] = ["Client", "Resp", "Diagnostics"],
        ["SocketIO"] = ["Client", "Resp", "Diagnostics"],
    };

    private static readonly Dictionary<string, string[]> MustNotKnow = new()
    {
        ["Resp"] = ["System.Net.Sockets", "System.IO.Pipelines", "System.Threading.Tasks", "System.TimeProvider", "Microsoft.Extensions.Logging"],
        ["Client"] = ["RawWs.Room", "RawWs.IRoom", "RawWs.SocketIO"],
        ["Rooms"] = ["System.Net.Sockets", "System.IO.Pipelines", "RawWs.SocketIO"],
        ["SocketIO"] = ["System.Net.Sockets", "System.IO.Pipelines"],
    };

    [Fact]
    public void Every_room_uses_only_the_rooms_below_it() => Assert.Empty(Rooms.WrongArrows((room, other, _) => MayUse[room].Contains(other)));

    [Fact]
    public void Every_room_is_known_and_has_types() => Assert.Equal(MayUse.Keys.Order(StringComparer.Ordinal), Rooms.Names);

    [Fact]
    public void No_room_knows_what_it_must_not() => Assert.Empty(Rooms.Leaks(MustNotKnow));
}
