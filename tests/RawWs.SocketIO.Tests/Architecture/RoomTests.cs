using RawWs.Testing;

namespace RawWs.SocketIO.Tests.Architecture;

/// <summary>The rooms of the library and who may use whom. A room is a folder of the source, and the end of a namespace but for what applications use.</summary>
public sealed class RoomTests
{
    private const string Root = "";

    private static readonly SourceRooms Rooms = new(typeof(SocketIOServer).Assembly, "RawWs.SocketIO");

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Protocol"] = [],
        ["Json"] = ["Protocol"],
        ["Http"] = [],
        ["Engine"] = ["Http", "Protocol"],
        [Root] = ["Engine", "Http", "Json", "Protocol"],
    };

    // What every room may use of the root: words, and what the application says.
    private static readonly string[] Shared = ["DisconnectReason", "SocketIOServerOptions", "SocketIOTransports", "Handshake", "CorsPolicy", "SessionCookie", "ConnectionError", "SocketIOLog"];

    private static readonly string[] ConnectionsTasksClocksLogs = ["System.Threading.Tasks", "System.TimeProvider", "Microsoft.Extensions.Logging", "RawWs.WebSocketConnection"];

    [Fact]
    public void Every_room_uses_only_the_rooms_below_it()
        => Assert.Empty(Rooms.WrongArrows((room, other, type) => MayUse[room].Contains(other) || (room == "Engine" && Shared.Contains(type))));

    [Fact]
    public void Every_room_is_known_and_has_types() => Assert.Equal(MayUse.Keys.Order(StringComparer.Ordinal), Rooms.Names);

    [Fact]
    public void Protocol_and_JSON_know_no_connections_tasks_clocks_or_logs()
        => Assert.Empty(Rooms.Leaks(new Dictionary<string, string[]> { ["Protocol"] = ConnectionsTasksClocksLogs, ["Json"] = ConnectionsTasksClocksLogs }));
}
