using System.IO.Pipelines;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Http;

/// <summary>What comes at the very moment at which its deadline ends the waiting for it has come in time, and so has what follows it.</summary>
public sealed class DeadlineCoincidenceTests
{
    private const string Get = "GET /path HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_request_at_the_end_of_the_idle_time_is_answered_and_so_is_the_next_one()
    {
        await using var server = await StartAsync();
        await using var client = await Coincidence.BeginAsync(server, Get);

        server.Time.Advance(61 * Second);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        foreach (var piece in (string[])[Get[..10], Get[10..]])
        {
            await client.WaitUntilServerWaitsAsync();
            await client.SendAsync(piece);
        }

        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task The_hook_of_an_upgrade_at_the_end_of_the_idle_time_has_its_time()
    {
        var (answer, hurry) = (new TaskCompletionSource<UpgradeResponse>(), new TaskCompletionSource<CancellationToken>());
        await using var server = await StartAsync(options => options.OnUpgrade = (_, cancellationToken) =>
        {
            hurry.SetResult(cancellationToken);
            return new(answer.Task.WaitAsync(cancellationToken));
        });
        await using var client = await Coincidence.BeginAsync(server, WireClient.Handshake + "\r\n");

        server.Time.Advance(61 * Second);
        var token = await hurry.Task.WaitAsync(30 * Second);
        Assert.False(token.IsCancellationRequested);
        server.Time.Advance(8 * Second);
        Assert.False(token.IsCancellationRequested);

        answer.SetResult(UpgradeResponse.Accept());
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    private static Task<TestServer> StartAsync(Action<WebSocketServerOptions>? configure = null)
        => TestServer.StartAsync(configure: configure, map: server => server.MapGet("/path", (_, _) => new(HttpResponse.Text("here"))));

    /// <summary>A connection on which something comes when the waiting for it is about to be cancelled.</summary>
    private sealed class Coincidence : TransportConnection
    {
        private readonly InMemoryConnection _inner;
        private readonly CoincidingReader _input;

        private Coincidence(InMemoryConnection inner, WireClient client)
            => (_inner, _input, Client) = (inner, new CoincidingReader(inner.Input), client);

        private WireClient Client { get; }

        public override PipeReader Input => _input;

        public override PipeWriter Output => _inner.Output;

        /// <summary>Has a first request answered, and lets the server wait for the second.</summary>
        public static async Task<WireClient> BeginAsync(TestServer server, string second)
        {
            var (serverEnd, clientEnd) = InMemoryConnection.CreatePair();
            var connection = new Coincidence(serverEnd, WireClient.Over(clientEnd));
            _ = server.Server.ServeAsync(connection);
            await connection.Client.SendAsync(Get);
            await connection.Client.ReadResponseAsync();
            await connection.Client.WaitUntilServerWaitsAsync();
            connection._input.OnCancel = () => Assert.True(connection.Client.SendAsync(second).Wait(30 * Second));
            return connection.Client;
        }

        public override void Abort() => _inner.Abort();

        public override ValueTask DisposeAsync() => _inner.DisposeAsync();
    }

    private sealed class CoincidingReader(PipeReader inner) : PipeReader
    {
        /// <summary>Called once, before a read is cancelled.</summary>
        public Action? OnCancel { get; set; }

        public override void CancelPendingRead()
        {
            var onCancel = OnCancel;
            OnCancel = null;
            onCancel?.Invoke();
            inner.CancelPendingRead();
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => inner.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
