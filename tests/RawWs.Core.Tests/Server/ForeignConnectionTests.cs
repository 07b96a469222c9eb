using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Threading.Channels;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Server;

/// <summary>Connections that somebody else has accepted, and callers whose threads have a synchronization context.</summary>
public sealed class ForeignConnectionTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_pair_of_pipes_is_served_from_its_handshake_to_its_end()
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        await using var server = new WebSocketServer(new());
        server.Map("/echo", TestServer.EchoAsync);
        var connection = new PipeConnection(toServer.Reader, toClient.Writer);

        var serving = server.ServeAsync(connection);
        await toServer.Writer.WriteAsync(Encoding.ASCII.GetBytes(WireClient.Handshake + "\r\n"));
        await toServer.Writer.WriteAsync(WireFrame.MaskedText("Hello"));
        await toServer.Writer.WriteAsync(WireFrame.MaskedClose(1000));
        await toServer.Writer.CompleteAsync();

        var received = await ReadAllAsync(toClient.Reader);
        Assert.Contains("HTTP/1.1 101 ", received, StringComparison.Ordinal);
        Assert.EndsWith("\u0081\u0005Hello\u0088\u0002\u0003\u00e8", received, StringComparison.Ordinal);
        await serving.WaitAsync(LongestWait);
        Assert.True(connection.IsDisposed);
        Assert.Equal(0, server.ConnectionCount);
    }

    [Fact]
    public async Task Serving_never_fails_whatever_the_connection_does()
    {
        var log = new RecordingLoggerFactory();
        await using var server = new WebSocketServer(new() { LoggerFactory = log });
        server.Map("/echo", TestServer.EchoAsync);
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();
        var connection = new PipeConnection(pipe.Reader, new Pipe().Writer);

        await server.ServeAsync(connection).WaitAsync(LongestWait);

        Assert.True(connection.IsDisposed);
        Assert.Single(log.AboveDebug);
        Assert.Throws<ArgumentNullException>(() => { _ = server.ServeAsync(null!); });
    }

    // A writer over a stream, for one, sends what it has when it is completed, and that may fail.
    [Fact]
    public async Task A_connection_that_can_not_be_disposed_takes_nobodys_place()
    {
        var log = new RecordingLoggerFactory();
        await using var server = new WebSocketServer(new() { LoggerFactory = log });
        server.Map("/echo", TestServer.EchoAsync);
        var toServer = new Pipe();
        await toServer.Writer.CompleteAsync();
        var connection = new PipeConnection(toServer.Reader, new Pipe().Writer) { Failure = new IOException("the stream is broken") };

        await server.ServeAsync(connection).WaitAsync(LongestWait);

        Assert.True(connection.IsDisposed);
        Assert.Equal(0, server.ConnectionCount);
        Assert.Equal((0, 0, 0, 0), server.Admission.Counts);
        Assert.Single(log.AboveDebug);
        await server.StopAsync().WaitAsync(LongestWait);
    }

    // The platform reads a record in parts, and fails in the midst of it.
    [Fact]
    public async Task Rubbish_in_place_of_TLS_is_no_failure_of_ours()
    {
        using var authority = new CertificateAuthority();
        using var certificate = authority.IssueForServer("localhost");
        await using var server = await TestServer.StartAsync(configure: options => options.Tls = new() { Certificates = [TlsCertificate.From(certificate)] });
        await using var client = server.Connect();

        await client.SendAsync([22, 9, 9, 15_000 >> 8, 15_000 & 0xFF, .. new byte[15_000]]);
        client.EndSending();

        await client.ReadToEndAsync();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.DoesNotContain(server.Log.AboveDebug, static line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_that_is_gone_when_the_last_of_it_is_to_be_sent_ends_the_connection()
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        await using var server = new WebSocketServer(new());
        server.Map("/echo", TestServer.EchoAsync);

        var serving = server.ServeAsync(new StreamPair(toServer.Reader, new DisposedWriter(toClient.Writer)));
        await toServer.Writer.WriteAsync(Encoding.ASCII.GetBytes(WireClient.Handshake + "\r\n"));
        await toServer.Writer.WriteAsync(WireFrame.MaskedClose(1000));
        await toServer.Writer.CompleteAsync();

        await serving.WaitAsync(LongestWait);
        Assert.Equal((0, 0, 0, 0), server.Admission.Counts);
        await Assert.ThrowsAsync<InvalidOperationException>(() => toServer.Reader.ReadAsync().AsTask()); // It was completed all the same.
        await server.StopAsync().WaitAsync(LongestWait);
    }

    [Fact]
    public async Task A_transport_that_breaks_its_promises_costs_its_connections_and_keeps_nobody_from_stopping()
    {
        var (log, transport, nowhere) = (new RecordingLoggerFactory(), new BrokenTransport(), new NowhereConnection());
        await using var server = new WebSocketServer(new()
        {
            EndPoints = [transport.EndPoint],
            Transport = transport,
            LoggerFactory = log,
            MaxConnectionsPerAddress = 10,
        });
        server.Map("/echo", TestServer.EchoAsync);
        await server.StartAsync();

        var (served, client) = InMemoryConnection.CreatePair();
        await using var after = WireClient.Over(client);
        transport.Accepted.Writer.TryWrite(nowhere);
        transport.Accepted.Writer.TryWrite(served);
        await after.OpenAsync();
        Assert.True(nowhere.IsDisposed);

        transport.Accepted.Writer.Complete(new InvalidOperationException("the listener is broken"));
        await Eventually.HoldsAsync(() => log.AboveDebug.Count() == 2);
        await server.StopAsync(new CancellationToken(true)).WaitAsync(LongestWait);
        Assert.Equal((0, 0, 0, 0), server.Admission.Counts);
    }

    // A desktop program embeds the server, calls it on the thread of its window, and blocks there.
    [Fact]
    public async Task No_synchronization_context_is_captured()
    {
        using var context = new SingleThreadContext();
        var sessions = new System.Collections.Concurrent.ConcurrentQueue<SynchronizationContext?>();
        var (toServer, toClient) = (new Pipe(), new Pipe());
        await toServer.Writer.WriteAsync(Encoding.ASCII.GetBytes(WireClient.Handshake + "\r\n"));
        await toServer.Writer.WriteAsync(WireFrame.MaskedText("pipelined"));

        await context.RunAsync(() =>
        {
            var transport = new InMemoryTransport();
            var server = new WebSocketServer(new() { EndPoints = [new System.Net.IPEndPoint(0, 0)], Transport = transport });
            server.Map("*", async (connection, cancellationToken) =>
            {
                sessions.Enqueue(SynchronizationContext.Current);
                await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                {
                    await Task.Yield();
                    await connection.SendAsync(message);
                }
            });
            Wait(server.StartAsync());

            // What the first read needs is there: the session begins at once.
            var serving = server.ServeAsync(new PipeConnection(toServer.Reader, toClient.Writer));
            var client = transport.Connect();
            Wait(Task.Run(() => client.OpenAsync()));
            Wait(Task.Run(() => client.SendAsync(WireFrame.MaskedText("Hello"))));
            Assert.Equal("Hello", Wait(Task.Run(client.ReadFrameAsync)).Text);

            Wait(Task.Run(() => client.SendAsync(WireFrame.MaskedClose(1000))));
            client.EndSending();
            toServer.Writer.Complete();
            Wait(serving);
            Wait(server.StopAsync());
            Wait(server.DisposeAsync().AsTask());
        });

        Assert.Equal([null, null], sessions);
        Assert.Equal(0, context.PostCount);
    }

    private static void Wait(Task task) => Assert.True(task.Wait(LongestWait), "It waits for the thread that waits for it.");

    private static T Wait<T>(Task<T> task)
    {
        Wait((Task)task);
        return task.Result;
    }

    private static async Task<string> ReadAllAsync(PipeReader reader)
    {
        using var all = new MemoryStream();
        using var timeout = new CancellationTokenSource(LongestWait);
        await reader.CopyToAsync(all, timeout.Token);
        return Encoding.Latin1.GetString(all.ToArray());
    }

    private sealed class PipeConnection(PipeReader input, PipeWriter output) : TransportConnection
    {
        /// <summary>What disposing it throws; null for nothing.</summary>
        public Exception? Failure { get; init; }

        public bool IsDisposed { get; private set; }

        public override PipeReader Input => input;

        public override PipeWriter Output => output;

        public override void Abort() => input.CancelPendingRead();

        public override ValueTask DisposeAsync()
        {
            IsDisposed = true;
            input.Complete();
            output.Complete();
            return Failure is null ? default : ValueTask.FromException(Failure);
        }
    }

    private sealed class StreamPair(PipeReader input, PipeWriter output) : DuplexPipeConnection(new Pipes(input, output))
    {
        public override void Abort() => Input.CancelPendingRead();

        private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
    }

    /// <summary>A writer over a stream that somebody has disposed, which it finds out when it is completed.</summary>
    private sealed class DisposedWriter(PipeWriter writer) : PipeWriter
    {
        public override void Advance(int bytes) => writer.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => writer.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => writer.GetSpan(sizeHint);

        public override void CancelPendingFlush() => writer.CancelPendingFlush();

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => writer.FlushAsync(cancellationToken);

        public override void Complete(Exception? exception = null) => throw new ObjectDisposedException("NetworkStream");
    }

    /// <summary>Connections that are put in, until its channel fails.</summary>
    private sealed class BrokenTransport : ITransport, ITransportListener
    {
        public Channel<TransportConnection> Accepted { get; } = Channel.CreateUnbounded<TransportConnection>();

        public EndPoint EndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 0);

        public ITransportListener Listen(EndPoint endPoint) => this;

        public async ValueTask<TransportConnection?> AcceptAsync() => await Accepted.Reader.ReadAsync();

        public ValueTask DisposeAsync() => default;
    }

    /// <summary>A connection that does not know where it comes from.</summary>
    private sealed class NowhereConnection : TransportConnection
    {
        public bool IsDisposed { get; private set; }

        public override PipeReader Input => throw new InvalidOperationException("there is none");

        public override PipeWriter Output => throw new InvalidOperationException("there is none");

        public override EndPoint? RemoteEndPoint => throw new InvalidOperationException("nobody knows");

        public override void Abort()
        {
        }

        public override ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return default;
        }
    }

    /// <summary>A thread that does what is posted to it, one after the other, and is blocked while it does.</summary>
    private sealed class SingleThreadContext : SynchronizationContext, IDisposable
    {
        private readonly System.Collections.Concurrent.BlockingCollection<(SendOrPostCallback Callback, object? State)> _work = [];
        private int _postCount;

        public SingleThreadContext()
        {
            new Thread(() =>
            {
                SetSynchronizationContext(this);
                foreach (var (callback, state) in _work.GetConsumingEnumerable())
                    callback(state);
            })
            { IsBackground = true }.Start();
        }

        public int PostCount => Volatile.Read(ref _postCount);

        public override void Post(SendOrPostCallback d, object? state)
        {
            Interlocked.Increment(ref _postCount);
            _work.Add((d, state));
        }

        public Task RunAsync(Action action)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _work.Add((_ =>
            {
                try
                {
                    action();
                    done.SetResult();
                }
                catch (Exception error)
                {
                    done.SetException(error);
                }
            }, null));
            return done.Task.WaitAsync(TimeSpan.FromSeconds(120));
        }

        public void Dispose() => _work.CompleteAdding();
    }
}
