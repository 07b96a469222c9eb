using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Transport.Tls;

/// <summary>What a connection that speaks TLS promises to whoever uses it, over every transport.</summary>
public abstract class TlsConnectionTests : IDisposable
{
    private readonly CertificateAuthority _authority = new();

    [Fact]
    public async Task The_peers_close_notify_is_the_end_and_comes_after_its_bytes()
    {
        await using var pair = await ConnectAsync();
        await pair.Client.WriteAsync("last"u8.ToArray(), TestContext.Current.CancellationToken);
        await pair.Client.ShutdownAsync();

        var received = new List<byte>();
        System.IO.Pipelines.ReadResult result;
        do
        {
            result = await ReadAsync(pair.Server);
            received.AddRange(result.Buffer.ToArray());
            pair.Server.Input.AdvanceTo(result.Buffer.End);
        }
        while (!result.IsCompleted);

        Assert.Equal("last"u8.ToArray(), received);
        Assert.True((await ReadAsync(pair.Server)).IsCompleted);
    }

    // Whoever stands between can end TCP; only the peer can end TLS.
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task An_end_of_TCP_without_close_notify_is_a_failure_after_what_came_before(int strayBytes)
    {
        await using var pair = await ConnectAsync();
        await pair.Client.WriteAsync("last"u8.ToArray(), TestContext.Current.CancellationToken);
        pair.Socket.Send(new byte[] { 23, 3, 3 }, 0, strayBytes, SocketFlags.None);
        pair.Socket.Shutdown(SocketShutdown.Send);

        var result = await ReadAsync(pair.Server);
        Assert.Equal("last"u8.ToArray(), result.Buffer.ToArray());
        pair.Server.Input.AdvanceTo(result.Buffer.End);
        await Assert.ThrowsAsync<TransportClosedException>(() => ReadAsync(pair.Server));
        await Assert.ThrowsAsync<TransportClosedException>(() => ReadAsync(pair.Server));
    }

    [Theory]
    [InlineData("1703030016000000000000000000000000000000000000000000000000")]
    [InlineData("170303FFFF")]
    [InlineData("1503030002022800")]
    public async Task A_record_that_is_not_genuine_fails_the_connection(string hex)
    {
        await using var pair = await ConnectAsync();
        pair.Socket.Send(Convert.FromHexString(hex));

        await Assert.ThrowsAnyAsync<IOException>(() => ReadAsync(pair.Server));
        await Assert.ThrowsAnyAsync<IOException>(() => ReadAsync(pair.Server));
        await pair.Server.Output.CompleteAsync();
    }

    [Fact]
    public async Task What_is_not_consumed_stays_where_it_is_and_can_be_written_to()
    {
        await using var pair = await ConnectAsync();
        await pair.Client.WriteAsync("ab"u8.ToArray(), TestContext.Current.CancellationToken);
        var first = await ReadAsync(pair.Server);
        System.Runtime.InteropServices.MemoryMarshal.AsMemory(first.Buffer.First).Span[0] = (byte)'X';
        pair.Server.Input.AdvanceTo(first.Buffer.Start, first.Buffer.End);

        await pair.Client.WriteAsync(new byte[20_000], TestContext.Current.CancellationToken);
        var second = await ReadAsync(pair.Server);

        Assert.True(second.Buffer.Length > 2);
        Assert.Equal("Xb"u8.ToArray(), second.Buffer.Slice(0, 2).ToArray());
        Assert.True(System.Runtime.CompilerServices.Unsafe.AreSame(
            ref System.Runtime.InteropServices.MemoryMarshal.GetReference(first.Buffer.FirstSpan), ref System.Runtime.InteropServices.MemoryMarshal.GetReference(second.Buffer.FirstSpan)));
    }

    [Fact]
    public async Task A_cancelled_read_is_over_at_once_and_the_next_one_gets_the_bytes()
    {
        await using var pair = await ConnectAsync();
        using var cancellation = new CancellationTokenSource();
        var read = pair.Server.Input.ReadAsync(cancellation.Token).AsTask();
        Assert.False(read.IsCompleted);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);

        var next = pair.Server.Input.ReadAsync(CancellationToken.None).AsTask();
        pair.Server.Input.CancelPendingRead();
        var cancelled = await next.WaitAsync(SocketPair.LongestWait);
        Assert.True(cancelled.IsCanceled);
        pair.Server.Input.AdvanceTo(cancelled.Buffer.End);

        await pair.Client.WriteAsync("abc"u8.ToArray(), TestContext.Current.CancellationToken);
        var result = await ReadAsync(pair.Server);
        Assert.False(result.IsCanceled);
        Assert.Equal("abc"u8.ToArray(), result.Buffer.ToArray());
    }

    // As slow as it gets, and the handshake, too: nearly every byte is news for the input, and none for who reads until a record is whole.
    [Fact]
    public async Task Records_that_come_byte_by_byte_are_read_whole()
    {
        await using var pair = await ConnectAsync(maxWriteSize: 1);
        for (byte number = 0; number < 20; number++)
        {
            var read = ReadAsync(pair.Server);
            await pair.Client.WriteAsync(new[] { number, number, number }, TestContext.Current.CancellationToken);

            var result = await read;
            Assert.Equal([number, number, number], result.Buffer.ToArray());
            pair.Server.Input.AdvanceTo(result.Buffer.End);
        }
    }

    [Fact]
    public async Task An_abort_fails_the_read_that_waits_and_what_comes_after_it()
    {
        await using var pair = await ConnectAsync();
        var read = pair.Server.Input.ReadAsync(CancellationToken.None).AsTask();

        pair.Server.Abort();

        await Assert.ThrowsAsync<TransportClosedException>(() => read.WaitAsync(SocketPair.LongestWait));
        pair.Server.Output.Write("x"u8);
        await Assert.ThrowsAsync<TransportClosedException>(async () => await pair.Server.Output.FlushAsync(TestContext.Current.CancellationToken));
        await pair.Server.Output.CompleteAsync();
    }

    [Fact]
    public async Task Many_small_writes_are_one_record_and_a_large_one_as_few_as_possible()
    {
        await using var pair = await ConnectAsync();
        var before = pair.Wire.RecordTypes.Count;
        for (var number = 0; number < 1_000; number++)
            pair.Server.Output.Write("0123456789"u8);
        await pair.Server.Output.FlushAsync(TestContext.Current.CancellationToken);
        await pair.Client.ReadExactlyAsync(new byte[10_000], TestContext.Current.CancellationToken);
        Assert.Equal(1, pair.Wire.RecordTypes.Count - before);

        // A header that lies elsewhere than its payload.
        var payload = new byte[200_000];
        new Random(1).NextBytes(payload);
        pair.Server.Output.Write("head"u8);
        var flush = Assert.IsAssignableFrom<ISequenceWriter>(pair.Server.Output).FlushWithAsync(new ReadOnlySequence<byte>(payload));
        var received = new byte[payload.Length + 4];
        await pair.Client.ReadExactlyAsync(received, TestContext.Current.CancellationToken);
        await flush;

        Assert.Equal("head"u8.ToArray(), received[..4]);
        Assert.True(payload.AsSpan().SequenceEqual(received.AsSpan(4)));
        Assert.Equal(1 + (received.Length / 16_384) + 1, pair.Wire.RecordTypes.Count - before);
    }

    public void Dispose()
    {
        _authority.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract TransportConnection Connect(SocketPair pair);

    /// <summary>The connection as the tests read it.</summary>
    private protected virtual TransportConnection Reads(TransportConnection connection) => connection;

    private static Task<System.IO.Pipelines.ReadResult> ReadAsync(TransportConnection connection)
        => connection.Input.ReadAsync(CancellationToken.None).AsTask().WaitAsync(SocketPair.LongestWait);

    private async Task<Pair> ConnectAsync(int maxWriteSize = int.MaxValue)
    {
        var sockets = await SocketPair.ConnectAsync();
        var acceptor = new TlsAcceptor(new TlsOptions { Certificates = [TlsCertificate.From(_authority.IssueForServer("localhost"))] }, TimeProvider.System, new SilentObserver());
        acceptor.Load();
        var server = acceptor.Accept(Connect(sockets));
        var wire = new RecordingStream(new NetworkStream(sockets.Client), maxWriteSize);
        var client = new SslStream(wire);
        var handshake = server.HandshakeAsync().AsTask();
        await client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = TlsClient.TrustAnybody,
            EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12,
        });
        Assert.Null(await handshake.WaitAsync(SocketPair.LongestWait));
        return new Pair(sockets, acceptor, Reads(server), client, wire);
    }

    private sealed record Pair(SocketPair Sockets, TlsAcceptor Acceptor, TransportConnection Server, SslStream Client, RecordingStream Wire) : IAsyncDisposable
    {
        public Socket Socket => Sockets.Client;

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            await Server.DisposeAsync();
            Acceptor.Dispose();
            Sockets.Dispose();
        }
    }

    private sealed class SilentObserver : ITlsObserver
    {
        public void OnCertificateLoaded(string name, ServerCertificate certificate)
        {
        }

        public void OnAuthoritiesLoaded(string name)
        {
        }

        public void OnReloadFailed(string name, string reason)
        {
        }
    }
}
