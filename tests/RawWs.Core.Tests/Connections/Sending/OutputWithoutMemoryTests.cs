using System.IO.Pipelines;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Connections;

/// <summary>Whoever owns the output asks it for memory, which it may not have. Nobody could ever own it again, and the connection would not end before it does.</summary>
public sealed class OutputWithoutMemoryTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("close")]
    [InlineData("control frame")]
    [InlineData("large message")]
    [InlineData("queued large message")]
    public async Task A_connection_whose_output_has_no_memory_ends(string what)
    {
        var (inner, far) = InMemoryConnection.CreatePair(capacity: 1024);
        var network = new ShortConnection(inner);
        await using var server = new WebSocketServer(new() { LoggerFactory = new RecordingLoggerFactory() });
        var isOpen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isShort = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Map("/echo", async (connection, cancellationToken) =>
        {
            await isOpen.Task;
            if (what is "control frame" or "queued large message")
            {
                // What comes behind it waits until it has left.
                connection.Send(PreparedMessage.FromBytes(new byte[2000]));
                if (what == "control frame")
                    _ = connection.PingAsync(cancellationToken);
            }

            if (what is "large message" or "queued large message")
            {
                network.HasNoMemory = what == "large message";
                connection.Send(PreparedMessage.FromBytes(new byte[100_000]));
            }

            network.HasNoMemory = true;
            isShort.SetResult();
            if (what == "close")
                await connection.CloseAsync();

            await connection.Closed;
        });
        var serving = server.ServeAsync(network);
        await using var client = WireClient.Over(far);
        await client.OpenAsync();
        isOpen.SetResult();
        await isShort.Task.WaitAsync(LongestWait);
        if (what is "control frame" or "queued large message")
            await client.ReadFrameAsync();

        await serving.WaitAsync(LongestWait);
        Assert.Equal((0, 0, 0, 0), server.Admission.Counts);
    }

    /// <summary>A connection whose output has no memory when the test says so.</summary>
    private sealed class ShortConnection(InMemoryConnection inner) : TransportConnection
    {
        private readonly ShortWriter _output = new(inner.Output);

        public bool HasNoMemory { set => _output.HasNoMemory = value; }

        public override PipeReader Input => inner.Input;

        public override PipeWriter Output => _output;

        public override void Abort() => inner.Abort();

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class ShortWriter(PipeWriter inner) : PipeWriter
    {
        public volatile bool HasNoMemory;

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => HasNoMemory ? throw new InsufficientMemoryException() : inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
