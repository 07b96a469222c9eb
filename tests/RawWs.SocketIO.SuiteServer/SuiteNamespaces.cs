using System.Text.Json;
using System.Web;

namespace RawWs.SocketIO.SuiteServer;

/// <summary>The namespaces and events that the suite talks to.</summary>
internal static class SuiteNamespaces
{
    private static readonly string[] Texts = ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"];

    /// <summary>Adds them to a server.</summary>
    public static void AddTo(SocketIOServer io)
    {
        io.Of("/timeout_socket");
        io.Of("/valid");
        io.Of("/asd");
        io.Of("/foo").OnConnection(socket => socket.On("getId", () => socket.Id));
        io.Of("/abc").OnConnection(socket => socket.EmitAsync("handshake", Describe(socket.Handshake)));
        io.Of("/no").Use(_ => throw new ConnectErrorException("Auth failed (custom namespace)"));
        io.Use(socket => socket.Handshake.GetQueryValue("fail") is null ? Task.CompletedTask : throw new ConnectErrorException("Auth failed (main namespace)"));
        io.OnConnection(socket =>
        {
            AddTexts(socket);
            AddBytes(socket);
        });
    }

    private static void AddTexts(SocketIOSocket socket)
    {
        socket.On("hi", () => socket.EmitAsync("hi"));
        socket.On("echo", received => received.Acknowledge(received.Values[0]));
        socket.On("getAckDate", () => DateTimeOffset.UtcNow);
        socket.On("getDate", () => socket.EmitAsync("takeDate", DateTimeOffset.UtcNow));
        socket.On("getDateObj", () => socket.EmitAsync("takeDateObj", new { date = DateTimeOffset.UtcNow }));
        socket.On("false", () => socket.EmitAsync("false", false));
        socket.On("getHandshake", () => Describe(socket.Handshake));
        socket.On("getId", () => socket.Id);
        socket.On("getUtf8", async () =>
        {
            foreach (var text in Texts)
                await socket.EmitAsync("takeUtf8", text);
        });

        // Is not acknowledged, and does not wait: the client may ask again before it answers.
        socket.On("ack", (SocketEvent received) => { _ = AskAsync(socket); });
    }

    private static async Task AskAsync(SocketIOSocket socket)
    {
        try
        {
            if (await socket.EmitWithAckAsync("ack") is [var number, var settings] && number.Get<int>() == 5 && settings.Json.GetProperty("test").GetBoolean())
                await socket.EmitAsync("got it");
        }
        catch (Exception error) when (error is SocketDisconnectedException or TimeoutException)
        {
            // Some of the suite's clients never answer.
        }
    }

    // What is not as the suite says is not answered, and the case fails.
    private static void AddBytes(SocketIOSocket socket)
    {
        var last = "";
        socket.On("doge", () => socket.EmitAsync("doge", "asdfasdf"u8.ToArray()));
        socket.On("getbin", () => socket.EmitAsync("takebin", "asdfasdf"u8.ToArray()));
        socket.On("buffa", (byte[] _) => socket.EmitAsync("buffack"));
        socket.On("blob", (byte[] _) => socket.EmitAsync("back"));
        socket.On("jsonbuff", (Mixed mixed) => mixed.IsAsSent ? socket.EmitAsync("jsonbuff-ack") : Task.CompletedTask);
        socket.On("jsonblob", (Mixed mixed) => mixed.IsAsSent ? socket.EmitAsync("jsonblob-ack") : Task.CompletedTask);
        socket.On("abuff1", (byte[] _) => { last = "abuff1"; });
        socket.On("abuff2", (string _) => last == "abuff1" ? socket.EmitAsync("abuff2-ack") : Task.CompletedTask);
        socket.On("blob1", (byte[] _) => { last = "blob1"; });
        socket.On("blob2", (string text) => { last = last == "blob1" && text == "second" ? "blob2" : ""; });
        socket.On("blob3", (byte[] _) => last == "blob2" ? socket.EmitAsync("blob3-ack") : Task.CompletedTask);
    }

    private static object Describe(Handshake handshake)
    {
        var query = HttpUtility.ParseQueryString(handshake.Query);
        return new
        {
            query = query.AllKeys.OfType<string>().ToDictionary(name => name, name => query[name]),
            auth = handshake.Auth.ValueKind == JsonValueKind.Undefined ? new object() : handshake.Auth,
        };
    }

    private sealed record Mixed(string Hello, byte[] Message, string Goodbye)
    {
        public bool IsAsSent => (Hello, Goodbye) == ("lol", "gotcha");
    }
}
