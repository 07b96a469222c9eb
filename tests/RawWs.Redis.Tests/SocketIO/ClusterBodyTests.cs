using System.Text;
using System.Text.Json;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO;
using RawWs.SocketIO.Tests;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>What servers say to each other over sharded channels and streams, byte for byte as Node's packages do.</summary>
public sealed class ClusterBodyTests : IAsyncLifetime
{
    private const string Uid = "53a43428ea812cc4";

    private static readonly BroadcastOptions Room1 = new() { Rooms = ["room1"] };

    private SocketIOTestServer _server = null!;

    private SocketIONamespace Namespace => _server.IO.Of("/");

    public async ValueTask InitializeAsync() => _server = await SocketIOTestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void Events_for_clients()
    {
        AssertText(
            """{"type":3,"data":{"packet":{"type":2,"data":["hi"]},"opts":{"rooms":["room1"],"except":[],"flags":{}}},"uid":"53a43428ea812cc4","nsp":"/"}""",
            new BroadcastMessage(Namespace.CreatePacket("hi"), Room1));
        AssertText(
            """{"type":3,"data":{"packet":{"type":2,"data":["q",1]},"requestId":"r","opts":{"rooms":[],"except":["e"],"flags":{"volatile":true,"compress":false,"timeout":300,"expectSingleResponse":true}}},"uid":"53a43428ea812cc4","nsp":"/"}""",
            new BroadcastMessage(
                Namespace.CreatePacket("q", 1),
                new BroadcastOptions { Except = ["e"], IsVolatile = true, IsCompressible = false, Timeout = TimeSpan.FromMilliseconds(300), ExpectsSingleResponse = true },
                "r"));
    }

    [Fact]
    public void What_sockets_are_to_do()
    {
        AssertText(
            """{"type":4,"data":{"opts":{"rooms":["room1"],"except":[],"flags":{}},"rooms":["r3","r4"]},"uid":"53a43428ea812cc4","nsp":"/"}""",
            new RoomsMessage(ClusterMessageType.SocketsJoin, Room1, ["r3", "r4"]));
        AssertText(
            """{"type":6,"data":{"opts":{"rooms":["room1"],"except":[],"flags":{}},"close":true},"uid":"53a43428ea812cc4","nsp":"/"}""", new DisconnectMessage(Room1, close: true));
        AssertText("""{"type":7,"data":{"opts":{"rooms":["room1"],"except":[],"flags":{}},"requestId":"r"},"uid":"53a43428ea812cc4","nsp":"/"}""", new FetchMessage(Room1, "r"));
    }

    [Fact]
    public void Events_for_servers_and_answers()
    {
        AssertText("""{"type":9,"data":{"packet":["sse",1]},"uid":"53a43428ea812cc4","nsp":"/"}""", new ServerSideMessage(Namespace.CreatePacket("sse", 1)));
        AssertText("""{"type":9,"data":{"requestId":"r","packet":["sse"]},"uid":"53a43428ea812cc4","nsp":"/"}""", new ServerSideMessage(Namespace.CreatePacket("sse"), "r"));
        AssertText("""{"type":11,"data":{"requestId":"dc348081429f557f","clientCount":1},"uid":"53a43428ea812cc4","nsp":"/"}""", new CountAnswer("dc348081429f557f", 1));
        AssertText(
            """{"type":12,"data":{"requestId":"r","packet":"z"},"uid":"53a43428ea812cc4","nsp":"/"}""",
            new ValueAnswer(ClusterMessageType.BroadcastAck, "r", Namespace.CreateValue("\"z\""u8.ToArray())));
        AssertText("""{"type":10,"data":{"requestId":"r"},"uid":"53a43428ea812cc4","nsp":"/"}""", new ValueAnswer(ClusterMessageType.ServerSideEmitResponse, "r", null));
    }

    [Fact]
    public void Binary_values_make_MessagePack_of_a_message_and_base64_of_an_entry()
    {
        var message = new BroadcastMessage(Namespace.CreatePacket("bin", (byte[])[1, 2]), Room1);

        var fields = StreamEntryBody.Write(message, Uid, "/");
        Assert.Equal(
            ["uid", Uid, "nsp", "/", "type", "3", "data", "gqZwYWNrZXSCpHR5cGUCpGRhdGGSo2JpbsQCAQKkb3B0c4Olcm9vbXORpXJvb20xpmV4Y2VwdJClZmxhZ3OA"],
            fields.Select(field => Encoding.UTF8.GetString(field.Bytes.Span)));
        Assert.Equal(
            """{"type":3,"data":{"packet":{"type":2,"data":["bin",{"_placeholder":true,"num":0}]},"opts":{"rooms":["room1"],"except":[],"flags":{}}},"uid":"53a43428ea812cc4","nsp":"/"}""",
            AdapterBody.Read(ClusterBody.Write(message, Uid, "/").Span, 64).Root.GetRawText());
    }

    [Fact]
    public void An_entry_of_text()
        => Assert.Equal(
            ["uid", Uid, "nsp", "/", "type", "3", "data", """{"packet":{"type":2,"data":["hi",1]},"opts":{"rooms":[],"except":[],"flags":{}}}"""],
            StreamEntryBody.Write(new BroadcastMessage(Namespace.CreatePacket("hi", 1), BroadcastOptions.Everybody), Uid, "/").Select(field => Encoding.UTF8.GetString(field.Bytes.Span)));

    [Fact]
    public void A_session_is_read_as_it_was_written()
    {
        var data = new SocketData(Namespace.CreateValue("""{"name":"Ada"}"""u8.ToArray())) { ["bytes"] = new byte[] { 1, 2 } };
        var written = SessionBody.Write(Namespace, new StoredSession("sid", "pid", ["sid", "room"], data, "1-0"));

        var read = SessionBody.Read(Namespace, new AdapterReader(Namespace), written.Span);

        Assert.Equal(("sid", "pid", "sid room", "1-0"), (read.SocketId, read.PrivateId, string.Join(' ', read.Rooms), read.FirstOffset));
        Assert.Equal(("Ada", "0102"), (read.Data.Get<string>("name"), Convert.ToHexString(read.Data.Get<byte[]>("bytes")!))); // It is there.
    }

    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("gA==")] // An empty map.
    [InlineData("gaNzaWQB")] // A number for an id.
    public void What_is_no_session_is_told(string text)
        => Assert.ThrowsAny<JsonException>(() => SessionBody.Read(Namespace, new AdapterReader(Namespace), Encoding.UTF8.GetBytes(text)));

    // As Node computes them: the hash of / is 47, that of /admin 47 * 31 + 97 and so on, as a 32-bit number.
    [Theory]
    [InlineData(1, "/", "s")]
    [InlineData(3, "/", "s-2")]
    [InlineData(3, "/admin", "s-1")]
    [InlineData(4, "/admin", "s-0")]
    [InlineData(4, "/chat", "s-3")]
    public void A_namespace_has_a_stream(int count, string nsp, string stream)
        => Assert.Equal(stream, new RedisStreamsAdapterOptions { StreamName = "s", StreamCount = count }.StreamOf(nsp));

    [Fact]
    public void Options_say_what_they_take()
    {
        var streams = new RedisStreamsAdapterOptions();
        Assert.Throws<ArgumentException>(() => streams.StreamName = "");
        Assert.Throws<ArgumentOutOfRangeException>(() => streams.StreamCount = 0);
        Assert.Throws<ArgumentException>(() => streams.ChannelPrefix = "");
        Assert.Throws<ArgumentOutOfRangeException>(() => streams.MaxStreamLength = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => streams.ReadCount = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => streams.BlockTime = TimeSpan.Zero);
        Assert.Throws<ArgumentException>(() => streams.SessionKeyPrefix = "");
        Assert.Throws<ArgumentOutOfRangeException>(() => streams.RequestTimeout = TimeSpan.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => streams.MaxOutboxCount = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => streams.MaxOutboxSize = 0);
        var sharded = new RedisShardedAdapterOptions();
        Assert.Throws<ArgumentException>(() => sharded.ChannelPrefix = "");
        Assert.Throws<ArgumentOutOfRangeException>(() => sharded.SubscriptionMode = (ShardedSubscriptionMode)3);
        Assert.Throws<ArgumentOutOfRangeException>(() => sharded.RequestTimeout = TimeSpan.Zero);
    }

    private static void AssertText(string expected, ClusterMessage actual) => Assert.Equal(expected, Encoding.UTF8.GetString(ClusterBody.Write(actual, Uid, "/").Span));
}
