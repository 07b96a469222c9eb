using RawWs.Testing;

namespace RawWs.Tests.Architecture;

/// <summary>
/// The rooms of the library and who may use whom. A room is a folder of the source, and a type belongs to the folder of the file that has its name.
/// </summary>
public sealed class RoomTests
{
    private static readonly SourceRooms Rooms = new(typeof(WebSocketServer).Assembly, "RawWs.Core");

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Protocol"] = [],
        ["Transport"] = [],
        ["Diagnostics"] = ["Protocol"],
        ["Compression"] = ["Protocol"],
        ["Connections"] = ["Compression", "Protocol", "Transport", "Diagnostics"],
        ["Rooms"] = ["Connections", "Protocol", "Diagnostics"],
        ["Http"] = ["Protocol", "Transport", "Diagnostics"],
        ["Server"] = ["Http", "Rooms", "Connections", "Compression", "Protocol", "Transport", "Diagnostics"],
    };

    // What a room must not even know of, by the beginning of a name.
    private static readonly string[] SocketsTasksClocksLogs =
    [
        "System.Net.Sockets", "System.Threading.Tasks", "System.TimeProvider", "System.DateTime.", "System.Random", "Microsoft.Extensions.Logging",
        "System.IO.Pipelines",
    ];

    private static readonly Dictionary<string, string[]> MustNotKnow = new()
    {
        ["Protocol"] = SocketsTasksClocksLogs,
        ["Compression"] = SocketsTasksClocksLogs,
        ["Connections"] = ["System.Net.Sockets"],
        ["Http"] = ["System.Net.Sockets"],
        ["Rooms"] = ["System.Net.Sockets", "System.IO.Pipelines"],
    };

    [Fact]
    public void Every_type_has_a_file_of_its_name_in_a_room()
    {
        Assert.Empty(Rooms.Homeless);
        Assert.Empty(Rooms.Names.Except(MayUse.Keys));
    }

    [Fact]
    public void Every_room_uses_only_the_rooms_below_it() => Assert.Empty(Rooms.WrongArrows((room, other, _) => MayUse[room].Contains(other)));

    [Fact]
    public void No_room_knows_what_it_must_not() => Assert.Empty(Rooms.Leaks(MustNotKnow));

    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        var files = Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.cs", SearchOption.AllDirectories).Where(IsSource);
        Assert.DoesNotContain(files, file => File.ReadLines(file).Count() > 400);
    }

    private static bool IsSource(string file)
        => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal);
}
