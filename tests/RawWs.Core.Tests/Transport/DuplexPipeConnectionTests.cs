using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class DuplexPipeConnectionTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Pipe _toServer = new();
    private readonly Pipe _toClient = new();

    // Kestrel says in this way that a connection has been aborted.
    [Fact]
    public async Task A_read_of_what_broke_throws_what_a_transport_throws()
    {
        var connection = NewConnection();
        var pending = connection.Input.ReadAsync();
        var cause = new OperationCanceledException("aborted");

        await _toServer.Writer.CompleteAsync(cause);

        var error = await Assert.ThrowsAsync<TransportClosedException>(() => pending.AsTask());
        Assert.Same(cause, error.InnerException);
        Assert.Throws<TransportClosedException>(() => connection.Input.TryRead(out _));
    }

    [Fact]
    public async Task A_flush_to_what_broke_throws_what_a_transport_throws()
    {
        var connection = NewConnection();
        await _toClient.Reader.CompleteAsync(new OperationCanceledException("aborted"));

        connection.Output.Write("x"u8);
        await Assert.ThrowsAsync<TransportClosedException>(() => connection.Output.FlushAsync().AsTask());
    }

    [Fact]
    public async Task A_flush_that_waits_when_it_breaks_throws_what_a_transport_throws()
    {
        var connection = new Connection(new Pair(_toServer.Reader, new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1)), out var client));
        connection.Output.Write("xx"u8);
        var pending = connection.Output.FlushAsync();
        Assert.False(pending.IsCompleted);

        await client.CompleteAsync(new ObjectDisposedException("socket"));

        await Assert.ThrowsAsync<TransportClosedException>(() => pending.AsTask());
    }

    [Fact]
    public async Task An_error_that_is_one_already_a_callers_cancellation_and_misuse_stay_what_they_are()
    {
        var connection = NewConnection();
        using var cancelled = new CancellationTokenSource();
        var pending = connection.Input.ReadAsync(cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending.AsTask());

        var cause = new IOException("reset");
        await _toServer.Writer.CompleteAsync(cause);
        Assert.Same(cause, await Assert.ThrowsAsync<IOException>(() => connection.Input.ReadAsync().AsTask()));

        await connection.DisposeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.Input.ReadAsync().AsTask());
    }

    [Fact]
    public async Task A_server_takes_an_abort_around_it_for_the_end_of_a_connection_and_for_no_fault()
    {
        var log = new RecordingLoggerFactory();
        await using var server = new WebSocketServer(new() { LoggerFactory = log });
        server.Map("/echo", TestServer.EchoAsync);

        var serving = server.ServeAsync(NewConnection());
        await _toServer.Writer.WriteAsync(Encoding.ASCII.GetBytes(WireClient.Handshake + "\r\n"));
        await _toClient.Reader.ReadAsync();
        await _toServer.Writer.CompleteAsync(new OperationCanceledException("aborted"));
        await _toClient.Reader.CompleteAsync(new OperationCanceledException("aborted"));

        await serving.WaitAsync(LongestWait);
        Assert.Empty(log.AboveDebug);
    }

    private Connection NewConnection() => new(new Pair(_toServer.Reader, _toClient, out _));

    private sealed class Connection(IDuplexPipe pipes) : DuplexPipeConnection(pipes)
    {
        public override void Abort() => Input.CancelPendingRead();
    }

    private sealed class Pair : IDuplexPipe
    {
        public Pair(PipeReader input, Pipe output, out PipeReader client) => (Input, Output, client) = (input, output.Writer, output.Reader);

        public PipeReader Input { get; }

        public PipeWriter Output { get; }
    }
}
