using System.Net;
using System.Net.Sockets;
using System.Text;
using RawWs.Testing;

namespace RawWs.Proxy.Tests;

/// <summary>The server behind nginx and HAProxy, which run with the very files that <c>docs/operations.md</c> shows.</summary>
public sealed class ProxyTests
{
    private const byte Text = 0x81, Binary = 0x82, Ping = 0x89, Pong = 0x8A, Close = 0x88;
    private const int LargeMessageSize = 5_000_000;

    public static TheoryData<ProxyKind> Kinds => [.. Enum.GetValues<ProxyKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Everything_of_a_WebSocket_goes_through_and_the_server_sees_the_client(ProxyKind kind)
    {
        await using var server = await ProxiedServer.StartAsync(kind);
        var address = LoopbackAddresses.Next();

        // Whatever a client says of itself.
        await using var client = await server.OpenAsync(address, "X-Forwarded-For: 6.6.6.6, 127.0.0.1\r\nX-Forwarded-Proto: gopher\r\nForwarded: for=6.6.6.6\r\n");
        await client.SendAsync(WireFrame.MaskedText("hello"));
        await AssertFrameAsync(client, Text, "hello"u8.ToArray());

        var large = new byte[LargeMessageSize];
        new Random(Seed: 6455).NextBytes(large);
        await client.SendAsync(WireFrame.Masked(Binary, large));
        await AssertMessageAsync(client, large);

        await client.SendAsync(WireFrame.Masked(Ping, "ping"u8));
        await AssertFrameAsync(client, Pong, "ping"u8.ToArray());

        await client.SendAsync(WireFrame.MaskedClose(4711, "bye"));
        Assert.Equal(4711, (await client.ReadFrameAsync()).CloseCode);
        await AssertAtEndAsync(client);

        await using var other = await server.OpenAsync(address);
        var result = await StopAsync(server, other);
        Assert.Equal(2, result.Errors.Split($"opened on /echo from {address}:").Length - 1);
        Assert.DoesNotContain("6.6.6.6", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_page_of_the_chat_and_what_clients_speak_go_through(ProxyKind kind)
    {
        await using var server = await ProxiedServer.StartAsync(kind);
        var address = LoopbackAddresses.Next();
        for (var count = 0; count < 3; count++)
        {
            await using var browser = await server.ConnectAsync(address);
            await browser.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            var page = await browser.ReadResponseAsync();
            Assert.Equal(200, page.Status);
            Assert.Contains("<title>", page.Text, StringComparison.Ordinal);
        }

        // Whoever is logged in comes from a page of this host, and over TLS from one over TLS: the server knows what its client speaks.
        await using var client = await server.ConnectAsync(address);
        await client.SendAsync(WireClient.Handshake + "Cookie: id=1\r\nOrigin: http://localhost\r\n\r\n");
        Assert.Equal(server.IsTls ? 403 : 101, (await client.ReadResponseAsync()).Status);
        await (await server.OpenAsync(address, "Cookie: id=1\r\nOrigin: https://localhost\r\n")).DisposeAsync();
    }

    [Theory]
    [InlineData(ProxyKind.Nginx)]
    [InlineData(ProxyKind.HAProxyTls)]
    [InlineData(ProxyKind.HAProxyTcp)]
    public async Task The_limit_of_an_address_is_the_clients(ProxyKind kind)
    {
        await using var server = await ProxiedServer.StartAsync(kind, args: ["--max-connections-per-address", "1"]);
        var (address, another) = (LoopbackAddresses.Next(), LoopbackAddresses.Next());
        var client = await server.OpenAsync(address);
        await using var other = await server.OpenAsync(another);

        await using (var second = await server.ConnectAsync(address))
        {
            await second.SendAsync(WireClient.Handshake + $"X-Forwarded-For: 6.6.6.6\r\n\r\n");
            Assert.Equal(429, (await second.ReadResponseAsync()).Status);
        }

        await client.SendAsync(WireFrame.MaskedClose(1000));
        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
        await AssertAtEndAsync(client);
        await client.DisposeAsync();
        await using var next = await OpenWhenThereIsRoomAsync(server, address);
        await next.SendAsync(WireFrame.MaskedText("again"));
        await AssertFrameAsync(next, Text, "again"u8.ToArray());
    }

    // One server pings, the other does not for a long time. When the proxy has ended the silent connection of the other, that of the first is older and goes on.
    [Theory]
    [InlineData(ProxyKind.Nginx)]
    [InlineData(ProxyKind.NginxStream)]
    [InlineData(ProxyKind.HAProxy)]
    [InlineData(ProxyKind.HAProxyTcp)]
    public async Task Pings_keep_a_silent_connection_longer_than_the_proxy_would(ProxyKind kind)
    {
        const int IdleTimeout = 5;
        await using var pinging = await ProxiedServer.StartAsync(kind, IdleTimeout, "--keep-alive", "0.5");
        await using var silent = await ProxiedServer.StartAsync(kind, IdleTimeout, "--keep-alive", "3600");
        await using var kept = await pinging.OpenAsync(LoopbackAddresses.Next());
        var answering = AnswerPingsAsync(kept);

        await using var forgotten = await silent.OpenAsync(LoopbackAddresses.Next());
        await AssertEndsAsync(forgotten);

        await kept.SendAsync(WireFrame.MaskedText("still here"));
        var (pingCount, answer) = await answering;
        Assert.Equal("still here", answer.Text);
        Assert.NotEqual(0, pingCount);
    }

    [Theory]
    [InlineData(ProxyKind.NginxTls)]
    [InlineData(ProxyKind.NginxStream)]
    [InlineData(ProxyKind.HAProxy)]
    [InlineData(ProxyKind.HAProxyTcp)]
    public async Task A_server_that_is_restarted_closes_in_order_and_is_found_again(ProxyKind kind)
    {
        await using var server = await ProxiedServer.StartAsync(kind);
        var address = LoopbackAddresses.Next();
        await using (var client = await server.OpenAsync(address))
        {
            var restarting = server.RestartRawwsAsync();
            var close = await client.ReadFrameAsync();
            Assert.Equal((Close, 1001), (close.First, close.CloseCode));
            await client.SendAsync(WireFrame.MaskedClose(1001));
            await AssertAtEndAsync(client);
            Assert.Equal(0, (await restarting).ExitCode);
        }

        await using var next = await OpenWhenThereIsRoomAsync(server, address);
        await next.SendAsync(WireFrame.MaskedText("hello"));
        await AssertFrameAsync(next, Text, "hello"u8.ToArray());
    }

    [Theory]
    [InlineData("PROXY TCP4 6.6.6.6 127.0.0.1 1 2\r\n", "it does not come from a trusted proxy", true)]
    [InlineData("GET / HTTP/1.1\r\n", "it does not begin with a PROXY protocol header", false)]
    public async Task Who_goes_past_the_proxy_gets_nowhere(string begins, string reason, bool hasOwnAddress)
    {
        await using var server = await ProxiedServer.StartAsync(ProxyKind.HAProxyTcp);
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            if (hasOwnAddress)
                socket.Bind(new IPEndPoint(LoopbackAddresses.Next(), 0));

            await socket.ConnectAsync(server.Back, server.Rawws.Deadline);
            var ending = await Assert.ThrowsAnyAsync<SocketException>(async () =>
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes(begins), server.Rawws.Deadline);
                await socket.ReceiveAsync(new byte[1], server.Rawws.Deadline);
            });
            Assert.Contains(ending.SocketErrorCode, new[] { SocketError.ConnectionReset, SocketError.Shutdown });
        }

        var result = await server.StopRawwsAsync();
        Assert.Contains(reason, result.Errors, StringComparison.Ordinal);
    }

    // A proxy may take what it has seen for an upgrade, though the server has refused it; what comes next then reaches the server past all rules of the proxy.
    [Theory]
    [InlineData(ProxyKind.Nginx)]
    [InlineData(ProxyKind.NginxTls)]
    [InlineData(ProxyKind.HAProxy)]
    [InlineData(ProxyKind.HAProxyTls)]
    public async Task A_refused_upgrade_opens_no_way_past_the_proxy(ProxyKind kind)
    {
        const string Forbidden = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        await using var server = await ProxiedServer.StartAsync(kind);
        await using (var client = await server.ConnectAsync(LoopbackAddresses.Next()))
        {
            await client.SendAsync(WireClient.Handshake.Replace("Version: 13", "Version: 777", StringComparison.Ordinal) + "\r\n" + Forbidden);

            Assert.Equal(426, (await client.ReadResponseAsync()).Status);
            var rest = Encoding.Latin1.GetString(await client.ReadToEndAsync());
            Assert.DoesNotContain("rawws_", rest, StringComparison.Ordinal);
        }

        var result = await server.StopRawwsAsync();
        Assert.Contains("refused with 426", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("/metrics", result.Errors, StringComparison.Ordinal);
    }

    private static async Task<RawwsResult> StopAsync(ProxiedServer server, WireClient client)
    {
        var stopping = server.StopRawwsAsync();
        Assert.Equal(1001, (await client.ReadFrameAsync()).CloseCode);
        await client.SendAsync(WireFrame.MaskedClose(1001));
        await AssertAtEndAsync(client);
        return await stopping;
    }

    // The proxy may not yet know that the server is back, or the server that its client has gone.
    private static async Task<WireClient> OpenWhenThereIsRoomAsync(ProxiedServer server, IPAddress address)
    {
        while (true)
        {
            var client = default(WireClient);
            try
            {
                client = await server.ConnectAsync(address);
                await client.SendAsync(WireClient.Handshake + "\r\n");
                if ((await client.ReadHeadAsync()).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
                    return client;

                await client.DisposeAsync();
            }
            catch (Exception error) when (error is IOException or SocketException)
            {
                if (client is not null)
                    await client.DisposeAsync();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), server.Rawws.Deadline);
        }
    }

    /// <returns>How many pings were answered, and the first frame that is none.</returns>
    private static async Task<(int PingCount, WireFrame Frame)> AnswerPingsAsync(WireClient client)
    {
        for (var count = 0; ; count++)
        {
            var frame = await client.ReadFrameAsync();
            if (frame.First != Ping)
                return (count, frame);

            await client.SendAsync(WireFrame.Masked(Pong, frame.Payload));
        }
    }

    // The server ends its side first, and waits for the client to end its own.
    private static async Task AssertAtEndAsync(WireClient client)
    {
        Assert.True(await client.IsAtEndAsync());
        client.EndSending();
    }

    private static async Task AssertEndsAsync(WireClient client)
    {
        try
        {
            await client.ReadToEndAsync();
        }
        catch (IOException)
        {
            // Some proxies reset what they have given up.
        }
    }

    private static async Task AssertFrameAsync(WireClient client, byte first, byte[] payload)
    {
        var frame = await client.ReadFrameAsync();
        Assert.Equal(first, frame.First);
        Assert.Equal(payload, frame.Payload);
    }

    private static async Task AssertMessageAsync(WireClient client, byte[] payload)
    {
        using var received = new MemoryStream();
        WireFrame frame;
        do
        {
            frame = await client.ReadFrameAsync();
            received.Write(frame.Payload);
        }
        while (!frame.Fin);

        Assert.True(payload.AsSpan().SequenceEqual(received.ToArray()));
    }
}
