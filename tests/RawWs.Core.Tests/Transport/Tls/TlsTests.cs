using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RawWs.Testing;

namespace RawWs.Tests.Transport.Tls;

/// <summary>Servers that speak TLS, over every transport.</summary>
public abstract class TlsTests : LoopbackTests, IDisposable
{
    private const byte ApplicationData = 23, Alert = 21;

    private readonly X509Certificate2 _certificate;

    protected TlsTests() => _certificate = Authority.IssueForServer("localhost");

    private protected CertificateAuthority Authority { get; } = new();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task What_was_agreed_on_is_told_and_messages_come_back(SslProtocols version)
    {
        var seen = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartTlsAsync((connection, cancellationToken) =>
        {
            seen.SetResult(connection);
            return TestServer.EchoAsync(connection, cancellationToken);
        });
        await using var client = await TlsClient.ConnectAsync(server.EndPoint, "a.localhost", version, applicationProtocols: [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
        await client.Client.OpenAsync();

        await client.Client.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await client.Client.ReadFrameAsync()).Text);

        var details = (await seen.Task).Tls;
        Assert.NotNull(details);
        Assert.Equal((version, client.Stream.NegotiatedCipherSuite, "a.localhost"), (details.Protocol, details.CipherSuite, details.ServerName));
        Assert.Null(details.ClientCertificate);
        Assert.Equal(SslApplicationProtocol.Http11, client.Stream.NegotiatedApplicationProtocol);
        Assert.DoesNotContain(server.Log.AboveDebug, line => !line.Contains("is in use", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ClientWebSocket_gets_back_text_and_binary_small_and_large()
    {
        await using var server = await StartTlsAsync();
        using var client = new ClientWebSocket();
        client.Options.RemoteCertificateValidationCallback = TlsClient.TrustAnybody;
        var deadline = TestContext.Current.CancellationToken;
        await client.ConnectAsync(new UriBuilder(server.Uri) { Scheme = "wss" }.Uri, deadline);
        var random = new Random(1);

        foreach (var (length, type) in new[] { (0, WebSocketMessageType.Text), (1, WebSocketMessageType.Binary), (5_000, WebSocketMessageType.Text), (16_384, WebSocketMessageType.Binary), (1 << 20, WebSocketMessageType.Binary) })
        {
            var sent = new byte[length];
            random.NextBytes(sent);
            if (type == WebSocketMessageType.Text)
                Array.Fill(sent, (byte)'x');

            await client.SendAsync(sent, type, true, deadline);
            var received = new byte[length + 1];
            WebSocketReceiveResult result;
            var count = 0;
            do
            {
                result = await client.ReceiveAsync(new ArraySegment<byte>(received, count, received.Length - count), deadline);
                count += result.Count;
            }
            while (!result.EndOfMessage);

            Assert.Equal(type, result.MessageType);
            Assert.True(sent.AsSpan().SequenceEqual(received.AsSpan(0, count)));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", deadline);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
    }

    [Fact]
    public async Task Pipelined_messages_come_back_in_order_whatever_records_they_are_in()
    {
        await using var server = await StartTlsAsync();
        await using var client = await TlsClient.ConnectAsync(server.EndPoint);
        await client.Client.OpenAsync();
        var wire = new List<byte>();
        for (var number = 0; number < 2_000; number++)
            wire.AddRange(WireFrame.MaskedText(new string('x', number % 100) + number));

        var sending = Task.Run(async () =>
        {
            var random = new Random(2);
            for (var start = 0; start < wire.Count;)
            {
                var length = Math.Min(random.Next(1, 40_000), wire.Count - start);
                await client.Client.SendAsync(wire.GetRange(start, length).ToArray());
                start += length;
            }
        });

        for (var number = 0; number < 2_000; number++)
            Assert.Equal(new string('x', number % 100) + number, (await client.Client.ReadFrameAsync()).Text);

        await sending;
    }

    [Fact]
    public async Task A_handshake_that_comes_byte_by_byte_succeeds_and_so_do_records()
    {
        await using var server = await StartTlsAsync();
        await using var client = await TlsClient.ConnectAsync(server.EndPoint, maxWriteSize: 1);
        await client.Client.OpenAsync();

        await client.Client.SendAsync(WireFrame.MaskedText("Hello"));

        Assert.Equal("Hello", (await client.Client.ReadFrameAsync()).Text);
    }

    // A client of TLS 1.2 hello, without extensions, that knows 1.1 at most. Systems of today refuse to be such a client themselves.
    [Fact]
    public async Task TLS_1_1_is_refused_with_the_alert_that_says_so()
    {
        await using var server = await StartTlsAsync();
        await using var client = await server.ConnectAsync();

        await client.SendAsync(Convert.FromHexString(
            "160301002D" + "01000029" + "0302" + new string('7', 64) + "00" + "0002C013" + "0100"));

        Assert.Equal("15030", Convert.ToHexString(await client.ReadToEndAsync())[..5]);
    }

    [Fact]
    public async Task A_client_that_speaks_only_HTTP_2_is_refused()
    {
        await using var server = await StartTlsAsync();

        await Assert.ThrowsAsync<AuthenticationException>(() => TlsClient.ConnectAsync(server.EndPoint, applicationProtocols: SslApplicationProtocol.Http2));
    }

    [Fact]
    public async Task Plain_HTTP_is_answered_in_plain_HTTP()
    {
        await using var server = await StartTlsAsync();
        await using var client = await server.ConnectAsync();

        await client.SendAsync(WireClient.Handshake + "\r\n");

        var answer = Encoding.ASCII.GetString(await client.ReadToEndAsync());
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("this port speaks TLS: use https:// or wss://", answer, StringComparison.Ordinal);
        client.EndSending();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
    }

    [Theory]
    [InlineData("00")]
    [InlineData("80")]
    [InlineData("16030100050000000000")]
    [InlineData("1603FFFFFF")]
    [InlineData("150301000201FF")]
    public async Task Garbage_ends_the_connection_and_disturbs_nobody(string hex)
    {
        await using var server = await StartTlsAsync();
        await using var bystander = await TlsClient.ConnectAsync(server.EndPoint);
        await bystander.Client.OpenAsync();
        await using var client = await server.ConnectAsync();

        await client.SendAsync(Convert.FromHexString(hex));
        await Record.ExceptionAsync(() => client.ReadToEndAsync());
        client.Abort();

        await bystander.Client.SendAsync(WireFrame.MaskedText("still here"));
        Assert.Equal("still here", (await bystander.Client.ReadFrameAsync()).Text);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        Assert.DoesNotContain(server.Log.AboveDebug, line => !line.Contains("is in use", StringComparison.Ordinal));
    }

    // In TLS 1.2 an alert can be told from data by whoever looks at the wire.
    [Fact]
    public async Task A_connection_ends_with_close_notify_and_then_TCP()
    {
        await using var server = await StartTlsAsync();
        await using var client = await TlsClient.ConnectAsync(server.EndPoint, protocols: SslProtocols.Tls12);
        await client.Client.OpenAsync();

        await client.Client.SendAsync(WireFrame.MaskedClose(1000));
        Assert.Equal(1000, (await client.Client.ReadFrameAsync()).CloseCode);
        Assert.True(await client.Client.IsAtEndAsync());

        Assert.Equal([ApplicationData, Alert], client.Wire.RecordTypes.TakeLast(2));
        client.Client.EndSending();
        Assert.Equal(0, await client.Wire.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        client.Socket.Shutdown(SocketShutdown.Send);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
    }

    [Fact]
    public async Task A_peer_that_still_sends_megabytes_sees_our_close_frame_and_an_orderly_end()
    {
        await using var server = await StartTlsAsync(async (connection, cancellationToken) =>
        {
            await connection.ReceiveAsync(cancellationToken);
            _ = connection.CloseAsync((CloseCode)4000, "enough");
        });
        await using var client = await TlsClient.ConnectAsync(server.EndPoint);
        await client.Client.OpenAsync();
        var flood = WireFrame.Masked(0x82, new byte[100_000]);

        await client.Client.SendAsync(WireFrame.MaskedText("go"));
        for (var count = 0; count < 100; count++)
            await client.Client.SendAsync(flood);
        await client.Client.SendAsync(WireFrame.MaskedClose(4000));
        for (var count = 0; count < 100; count++)
            await client.Client.SendAsync(flood);

        var close = await client.Client.ReadFrameAsync();
        Assert.Equal((0x88, 4000, "enough"), (close.First, close.CloseCode, close.CloseReason));
        Assert.True(await client.Client.IsAtEndAsync());
        client.Client.EndSending();
        client.Socket.Shutdown(SocketShutdown.Send);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
    }

    [Fact]
    public async Task An_abort_is_a_reset_to_the_peer()
    {
        await using var server = await StartTlsAsync(async (connection, _) =>
        {
            await connection.ReceiveAsync();
            connection.Abort();
        });
        await using var client = await TlsClient.ConnectAsync(server.EndPoint);
        await client.Client.OpenAsync();
        await client.Client.SendAsync(WireFrame.MaskedText("go"));

        var error = await Assert.ThrowsAnyAsync<IOException>(() => client.Client.ReadToEndAsync());

        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
    }

    [Fact]
    public async Task A_peer_that_does_not_read_holds_up_its_sender_and_gets_everything_in_the_end()
    {
        const int MessageCount = 64;
        var sentCount = 0;
        await using var server = await StartTlsAsync(async (connection, cancellationToken) =>
        {
            await connection.ReceiveAsync(cancellationToken);
            for (var number = 0; number < MessageCount; number++)
            {
                await connection.SendAsync(new byte[1 << 20], MessageType.Binary, cancellationToken: cancellationToken);
                Interlocked.Increment(ref sentCount);
            }
        });
        await using var client = await TlsClient.ConnectAsync(server.EndPoint);
        await client.Client.OpenAsync();
        await client.Client.SendAsync(WireFrame.MaskedText("go"));

        // More than all buffers on the way hold was sent when something has come: what is held up is not lost.
        var first = await client.Client.ReadFrameAsync();
        Assert.True(Volatile.Read(ref sentCount) < MessageCount);
        Assert.Equal(1 << 20, first.Payload.Length);
        for (var number = 1; number < MessageCount; number++)
            Assert.Equal(1 << 20, (await client.Client.ReadFrameAsync()).Payload.Length);
    }

    [Fact]
    public async Task Two_thousand_handshakes_at_once_all_succeed_and_hold_up_nobody()
    {
        await using var server = await StartTlsAsync();
        await using var bystander = await TlsClient.ConnectAsync(server.EndPoint);
        await bystander.Client.OpenAsync();

        var clients = Task.WhenAll(Enumerable.Range(0, 2_000).Select(_ => Task.Run(() => TlsClient.ConnectAsync(server.EndPoint))));
        while (!clients.IsCompleted)
        {
            await bystander.Client.SendAsync(WireFrame.MaskedText("meanwhile"));
            Assert.Equal("meanwhile", (await bystander.Client.ReadFrameAsync()).Text);
        }

        foreach (var client in await clients)
            await client.DisposeAsync();

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        Authority.Dispose();
        GC.SuppressFinalize(this);
    }

    // However long the handshakes of many take on a busy machine: that is not what is tested here.
    private protected Task<LoopbackServer> StartTlsAsync(Func<WebSocketConnection, CancellationToken, Task>? session = null)
        => StartServerAsync(session, options =>
        {
            options.HandshakeTimeout = Timeout.InfiniteTimeSpan;
            options.Tls = new TlsOptions { Certificates = [TlsCertificate.From(_certificate)] };
        });
}
