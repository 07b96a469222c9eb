using System.Text;
using RawWs.Testing;

namespace RawWs.Host.Tests;

public sealed class ListenerTests : IDisposable
{
    // A ping, a text, a pong without payload, and a close frame without a code: all of it may be there before the client knows that it is connected.
    private const string Frames = "8902" + "0A1B" + "8102" + "6869" + "8A00" + "8800";

    private readonly StringWriter _remarks = new() { NewLine = "\n" };
    private readonly MemoryStream _output = new();

    public void Dispose()
    {
        _output.Dispose();
        _remarks.Dispose();
    }

    [Fact]
    public async Task What_comes_with_the_answer_to_the_handshake_is_told_once_and_behind_it()
    {
        await using var server = ScriptedServer.Start(Frames, "Sec-WebSocket-Protocol: chat.v1\r\n");

        Assert.Equal(ExitCode.Success, await ListenAsync(new() { Client = new() { Url = server.Uri, Subprotocols = ["chat.v1"] }, IsVerbose = true }));

        Assert.Equal($"connected to {server.Uri}, subprotocol chat.v1\nping, 2 bytes: 0a1b\npong\nclose, no code\n", _remarks.ToString());
        Assert.Equal("hi\n", Encoding.ASCII.GetString(_output.ToArray()));
    }

    [Fact]
    public async Task Who_wants_a_number_of_messages_is_content_with_them_however_the_server_goes_then()
    {
        // It answers no close frame: its own ends nothing, because it breaks the protocol.
        await using var server = ScriptedServer.Start("8102" + "6869" + "C100");

        Assert.Equal(ExitCode.Success, await ListenAsync(new() { Client = new() { Url = server.Uri }, Count = 1 }));

        Assert.Equal(("hi\n", ""), (Encoding.ASCII.GetString(_output.ToArray()), _remarks.ToString()));
    }

    [Fact]
    public async Task Who_has_had_enough_messages_closes_with_1000()
    {
        var closed = new TaskCompletionSource<CloseResult>();
        await using var server = await LoopbackServer.StartAsync(async (connection, _) =>
        {
            connection.TellHowItEnds(closed);
            await connection.SayAsync("one", "two", "three");
            await connection.ReadToEndAsync();
        });

        Assert.Equal(ExitCode.Success, await ListenAsync(new() { Client = new() { Url = server.Uri }, Count = 2 }));

        Assert.Equal("one\ntwo\n", Encoding.ASCII.GetString(_output.ToArray()));
        Assert.Equal(CloseCode.NormalClosure, (await closed.Task).ReceivedCode);
    }

    [Fact]
    public async Task A_message_that_is_too_large_ends_it_though_connections_that_are_lost_are_followed_by_others()
    {
        await using var server = ScriptedServer.Start("8102" + "6869");

        var failure = await Assert.ThrowsAsync<ClientFailureException>(() => ListenAsync(new() { Client = new() { Url = server.Uri }, MaxMessageSize = 1, Reconnects = true }));

        Assert.Equal("The server sent a message of more than 1 bytes; --max-message-size takes larger ones.", failure.Message);
        Assert.Empty(_remarks.ToString());
    }

    [Fact]
    public async Task A_connection_that_ends_as_it_should_is_followed_by_another_too()
    {
        await using var server = ScriptedServer.Start("8802" + "03E8");
        using var interrupted = new CancellationTokenSource();

        // Between two attempts, where it waits.
        var remarks = new RemarkWatcher(interrupted.Cancel);
        var code = await new Listener(new() { Client = new() { Url = server.Uri }, Reconnects = true }, new MessagePrinter(_output, PayloadFormat.Lines, isTerminal: false), remarks, TimeProvider.System).RunAsync(interrupted.Token);

        Assert.Equal(ExitCode.Success, code);
        Assert.Matches(@"^rawws: The server closed the connection\. \(the next attempt is in 0\.[2-5] s\)$", Assert.Single(remarks.Lines));
    }

    // It had grown to between two and four seconds.
    [Fact]
    public async Task When_a_connection_has_held_for_long_the_waits_begin_again()
    {
        var (time, remarks, connectionCount) = (new ManualTimeProvider(), new RemarkWatcher(() => { }), 0);
        var (held, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await LoopbackServer.StartAsync(async (connection, _) =>
        {
            var number = Interlocked.Increment(ref connectionCount);
            await connection.SayAsync($"{number}");
            if (number == 4)
            {
                held.SetResult();
                await end.Task;
            }

            if (number == 5)
                await connection.ReadToEndAsync();
        });
        var listening = new Listener(new() { Client = new() { Url = server.Uri }, Reconnects = true, Count = 5 }, new MessagePrinter(_output, PayloadFormat.Lines, isTerminal: false), remarks, time)
            .RunAsync(TestContext.Current.CancellationToken);

        for (var attempt = 1; attempt <= 4; attempt++)
        {
            if (attempt == 4)
            {
                // It is connected when it has printed what was said.
                await held.Task;
                await Eventually.HoldsAsync(() => _output.Length == "1\n2\n3\n4\n".Length);
                time.Advance(Backoff.Longest + TimeSpan.FromSeconds(1));
                end.SetResult();
            }

            await Eventually.HoldsAsync(() => time.TimerCount == 1);
            time.Advance(Backoff.Longest);
        }

        Assert.Equal(ExitCode.Success, await listening);
        Assert.Matches(@"\(the next attempt is in [12]\.[0-9] s\)$", remarks.Lines[2]);
        Assert.Matches(@"\(the next attempt is in 0\.[2-5] s\)$", remarks.Lines[3]);
    }

    private Task<int> ListenAsync(ListenOptions options)
        => new Listener(options, new MessagePrinter(_output, PayloadFormat.Lines, isTerminal: false), _remarks, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);

    /// <summary>Does something when something is said.</summary>
    private sealed class RemarkWatcher(Action onRemark) : StringWriter
    {
        public List<string> Lines { get; } = [];

        public override Task WriteLineAsync(string? value)
        {
            Lines.Add(value ?? "");
            onRemark();
            return Task.CompletedTask;
        }
    }
}
