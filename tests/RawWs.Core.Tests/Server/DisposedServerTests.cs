using System.IO.Pipelines;
using System.Net;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Server;

public sealed class DisposedServerTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // It has no clock any more by which it could wait for a peer to read an answer.
    [Fact]
    public async Task Who_comes_after_the_server_was_disposed_is_dropped()
    {
        var server = new WebSocketServer(new());
        server.Map("*", TestServer.EchoAsync);
        await server.DisposeAsync();
        var (end, clientEnd) = InMemoryConnection.CreatePair();
        await using var client = WireClient.Over(clientEnd);

        await server.ServeAsync(end).WaitAsync(LongestWait);

        await Assert.ThrowsAnyAsync<IOException>(() => client.ReadToEndAsync());
        Assert.Equal(0, server.ConnectionCount);
    }

    [Fact]
    public async Task Who_is_still_being_answered_when_the_server_is_disposed_is_dropped()
    {
        var backplane = new LateBackplane();
        var server = new WebSocketServer(new() { RoomBackplane = backplane });
        server.Map("*", TestServer.EchoAsync);
        var (end, clientEnd) = InMemoryConnection.CreatePair();
        await using var client = WireClient.Over(clientEnd);
        Task? serving = null;

        // When everybody has gone already.
        backplane.Stopping = async () =>
        {
            serving = server.ServeAsync(end);
            Assert.StartsWith("HTTP/1.1 503 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
            Assert.False(serving.IsCompleted);
        };
        await server.DisposeAsync();

        await serving!.WaitAsync(LongestWait); // It was begun while the server stopped.
        Assert.Equal(0, server.ConnectionCount);
    }

    // Limited by address, it is asked where it comes from before it is admitted.
    [Fact]
    public async Task Who_comes_while_the_server_is_being_disposed_is_dropped()
    {
        var server = new WebSocketServer(new() { MaxConnectionsPerAddress = 1 });
        server.Map("*", TestServer.EchoAsync);
        var (end, clientEnd) = InMemoryConnection.CreatePair();
        await using var client = WireClient.Over(clientEnd);
        var asked = new AskedConnection(end) { Asked = () => Assert.True(server.DisposeAsync().AsTask().Wait(LongestWait)) };

        await server.ServeAsync(asked).WaitAsync(LongestWait);

        await Assert.ThrowsAnyAsync<IOException>(() => client.ReadToEndAsync());
        Assert.Equal(0, server.ConnectionCount);
    }

    /// <summary>Is told of nothing but the end.</summary>
    private sealed class LateBackplane : IRoomBackplane
    {
        public Func<Task>? Stopping { get; set; }

        public ValueTask StartAsync(IRoomReceiver receiver, CancellationToken cancellationToken) => default;

        public void Publish(RoomPublication publication)
        {
        }

        public async ValueTask DisposeAsync() => await Stopping!(); // The test has set it.
    }

    /// <summary>Lets something happen when it is asked where it comes from.</summary>
    private sealed class AskedConnection(TransportConnection inner) : TransportConnection
    {
        public required Action Asked { get; init; }

        public override PipeReader Input => inner.Input;

        public override PipeWriter Output => inner.Output;

        public override EndPoint? RemoteEndPoint
        {
            get
            {
                Asked();
                return inner.RemoteEndPoint;
            }
        }

        public override void Abort() => inner.Abort();

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
