using System.Net;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Server;

public sealed class AdmissionTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task One_address_has_exactly_its_number_of_connections(int max)
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync(configure: options => options.MaxConnectionsPerAddress = max));
        using var probe = metrics;
        await using var stopping = server;
        var clients = new List<WireClient>();
        for (var count = 0; count < max; count++)
            clients.Add(await server.OpenAsync());

        await using (var refused = server.Connect())
            await AssertRefusedAsync(refused, 429, "there are too many connections from this address");

        Assert.Equal(1, probe["rawws.refusals address_full"]);
        Assert.Equal(1, probe["rawws.handshakes 429"]);

        // Another address is not concerned, and one that leaves makes room for one.
        await using var elsewhere = Serve(server, IPAddress.Parse("192.0.2.8"));
        await elsewhere.OpenAsync();
        clients[0].Abort();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == max);
        await using var next = await server.OpenAsync();
        await using var refusedAgain = server.Connect();
        await AssertRefusedAsync(refusedAgain, 429, "there are too many connections from this address");
    }

    [Fact]
    public async Task An_address_is_that_of_IPv4_in_IPv6_too_and_of_64_bits_of_IPv6()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxConnectionsPerAddress = 1);
        await using var first = await server.OpenAsync();
        await using var mapped = Serve(server, IPAddress.Parse("::ffff:192.0.2.7"));
        await AssertRefusedAsync(mapped, 429);

        await using var six = Serve(server, IPAddress.Parse("2001:db8::1"));
        await six.OpenAsync();
        await using var neighbour = Serve(server, IPAddress.Parse("2001:db8::2"));
        await AssertRefusedAsync(neighbour, 429);
        await using var other = Serve(server, IPAddress.Parse("2001:db8:0:1::1"));
        await other.OpenAsync();
    }

    [Fact]
    public async Task Who_has_no_address_is_not_counted()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxConnectionsPerAddress = 1);
        for (var count = 0; count < 5; count++)
            await Serve(server, null).OpenAsync();

        Assert.Equal(5, server.Server.ConnectionCount);
    }

    [Fact]
    public async Task Unfinished_handshakes_have_exactly_their_number_and_count_until_they_have_gone()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync(configure: options => options.MaxHandshakeCount = 2));
        using var probe = metrics;
        await using var stopping = server;

        // Those that have finished theirs do not count.
        for (var count = 0; count < 5; count++)
            await server.OpenAsync();

        var silent = server.Connect();
        await silent.WaitUntilServerWaitsAsync();
        var slow = server.Connect();
        await slow.SendAsync("GET /echo");
        await slow.WaitUntilServerWaitsAsync();
        await using (var refused = server.Connect())
            await AssertRefusedAsync(refused, 503, "too many clients are connecting");

        // 408 has been sent, and the client is still there.
        server.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.StartsWith("HTTP/1.1 408 ", await slow.ReadHeadAsync(), StringComparison.Ordinal);
        await using (var refused = server.Connect())
            await AssertRefusedAsync(refused, 503, "too many clients are connecting");

        Assert.Equal(2, probe["rawws.refusals handshakes_full"]);
        slow.Abort();
        await using var next = await OpenWhenThereIsRoomAsync(server);
        silent.Abort();
    }

    [Fact]
    public async Task Connections_come_at_their_rate_to_the_tick()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync(configure: options => options.MaxConnectionRate = new(10, 3)));
        using var probe = metrics;
        await using var stopping = server;
        for (var count = 0; count < 3; count++)
            await server.OpenAsync();

        for (var count = 0; count < 2; count++)
        {
            await using var refused = server.Connect();
            await AssertRefusedAsync(refused, 503, "clients are connecting too fast");
        }

        server.Time.Advance(TimeSpan.FromMilliseconds(100) - TimeSpan.FromTicks(1));
        await using (var refused = server.Connect())
            await AssertRefusedAsync(refused, 503);

        server.Time.Advance(TimeSpan.FromTicks(1));
        await server.OpenAsync();
        await using (var refused = server.Connect())
            await AssertRefusedAsync(refused, 503);

        server.Time.Advance(TimeSpan.FromSeconds(100));
        for (var count = 0; count < 3; count++)
            await server.OpenAsync();

        await using var last = server.Connect();
        await AssertRefusedAsync(last, 503);
        Assert.Equal(5, probe["rawws.refusals connection_rate"]);
    }

    [Fact]
    public async Task Who_is_refused_for_something_else_takes_nothing_of_the_rate()
    {
        await using var server = await TestServer.StartAsync(configure: options =>
            (options.MaxConnectionsPerAddress, options.MaxConnectionRate) = (1, new(1, 2)));
        await using var first = await server.OpenAsync();
        for (var count = 0; count < 5; count++)
        {
            await using var refused = server.Connect();
            await AssertRefusedAsync(refused, 429);
        }

        await using var second = Serve(server, IPAddress.Parse("192.0.2.8"));
        await second.OpenAsync();
        await using var third = Serve(server, IPAddress.Parse("192.0.2.9"));
        await AssertRefusedAsync(third, 503);
    }

    // Each is bounded by its own deadline, but how many there are would be up to them.
    [Fact]
    public async Task So_many_are_told_that_they_are_refused_and_more_are_dropped()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync(configure: options => options.MaxConnections = 1));
        using var probe = metrics;
        await using var stopping = server;
        await using var first = await server.OpenAsync();
        var refused = new List<WireClient>();
        for (var count = 0; count < 1_000; count++)
            refused.Add(server.Connect());

        foreach (var client in refused)
            Assert.StartsWith("HTTP/1.1 503 ", await client.ReadHeadAsync(), StringComparison.Ordinal);

        await using (var dropped = server.Connect())
            await Assert.ThrowsAnyAsync<IOException>(dropped.ReadToEndAsync);

        Assert.Equal((1_000, 1), (probe["rawws.refusals server_full"], probe["rawws.refusals refusals_full"]));
        Assert.Equal(1_001, server.Server.ConnectionCount);

        refused[0].Abort();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1_000);
        await using var told = server.Connect();
        await AssertRefusedAsync(told, 503, "the server is full");
        refused.ForEach(client => client.Abort());
    }

    [Fact]
    public async Task A_connection_from_elsewhere_is_dropped_as_well()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxConnections = 1);
        await using var first = await server.OpenAsync();
        for (var count = 0; count < 1_000; count++)
            Serve(server, null);

        var (ours, theirs) = InMemoryConnection.CreatePair();
        await server.Server.ServeAsync(ours).WaitAsync(LongestWait);
        await Assert.ThrowsAnyAsync<IOException>(WireClient.Over(theirs).ReadToEndAsync);
    }

    [Fact]
    public async Task A_flood_of_refusals_is_a_line_each_ten_seconds_that_says_how_many_there_were()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxConnections = 1);
        await using var first = await server.OpenAsync();
        await RefuseAsync(server, 5);
        Assert.Equal(["Warning: Refused or closed a peer: server_full; 0 others since the last such line "], server.Log.AboveDebug);

        server.Time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        await RefuseAsync(server, 1);
        Assert.Single(server.Log.AboveDebug);

        server.Time.Advance(TimeSpan.FromTicks(1));
        await RefuseAsync(server, 3);
        Assert.Equal("Warning: Refused or closed a peer: server_full; 5 others since the last such line ", server.Log.AboveDebug.Last());
        Assert.Equal(2, server.Log.AboveDebug.Count());

        server.Time.Advance(TimeSpan.FromSeconds(30));
        await RefuseAsync(server, 1);
        Assert.Equal("Warning: Refused or closed a peer: server_full; 2 others since the last such line ", server.Log.AboveDebug.Last());
    }

    [Fact]
    public async Task Nothing_is_left_of_thousands_that_came_and_went_at_once()
    {
        await using var server = new WebSocketServer(new()
        {
            MaxConnections = 40,
            MaxConnectionsPerAddress = 5,
            MaxHandshakeCount = 30,
            MaxConnectionRate = new(1_000_000, 1_000_000),
        });
        server.Map("*", TestServer.EchoAsync);

        await Parallel.ForEachAsync(Enumerable.Range(0, 4_000), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (number, _) =>
        {
            var (ours, theirs) = InMemoryConnection.CreatePair();
            var serving = server.ServeAsync(new AddressedConnection(ours, IPAddress.Parse($"192.0.2.{number % 20}")));
            var client = WireClient.Over(theirs);
            if (number % 3 == 0)
            {
                await client.SendAsync(WireClient.Handshake + "\r\n");
                await client.ReadHeadAsync();
            }

            client.Abort();
            await serving.WaitAsync(LongestWait, CancellationToken.None);
        });

        Assert.Equal(0, server.ConnectionCount);
        Assert.Equal((0, 0, 0, 0), server.Admission.Counts);

        // There is room for exactly as many as at first.
        var open = new List<WireClient>();
        for (var number = 0; number < 41; number++)
        {
            var (ours, theirs) = InMemoryConnection.CreatePair();
            _ = server.ServeAsync(new AddressedConnection(ours, IPAddress.Parse($"192.0.2.{number % 20}")));
            open.Add(WireClient.Over(theirs));
            await open[^1].SendAsync(WireClient.Handshake + "\r\n");
            Assert.StartsWith(number < 40 ? "HTTP/1.1 101 " : "HTTP/1.1 503 ", await open[^1].ReadHeadAsync(), StringComparison.Ordinal);
        }

        open.ForEach(client => client.Abort());
    }

    private static WireClient Serve(TestServer server, IPAddress? address)
    {
        var (ours, theirs) = InMemoryConnection.CreatePair();
        _ = server.Server.ServeAsync(new AddressedConnection(ours, address));
        return WireClient.Over(theirs);
    }

    private static async Task<WireClient> OpenWhenThereIsRoomAsync(TestServer server)
    {
        while (true)
        {
            var client = server.Connect();
            await client.SendAsync(WireClient.Handshake + "\r\n");
            if ((await client.ReadHeadAsync()).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
                return client;

            client.Abort();
        }
    }

    private static async Task RefuseAsync(TestServer server, int count)
    {
        for (var number = 0; number < count; number++)
        {
            await using var client = server.Connect();
            await AssertRefusedAsync(client, 503);
        }
    }

    private static async Task AssertRefusedAsync(WireClient client, int status, string body = "")
    {
        var response = System.Text.Encoding.ASCII.GetString(await client.ReadToEndAsync());
        Assert.StartsWith($"HTTP/1.1 {status} ", response, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: 5\r\n", response, StringComparison.Ordinal);
        Assert.EndsWith(body, response, StringComparison.Ordinal);
        client.EndSending();
    }

    private sealed class AddressedConnection(InMemoryConnection inner, IPAddress? address) : TransportConnection
    {
        public override System.IO.Pipelines.PipeReader Input => inner.Input;

        public override System.IO.Pipelines.PipeWriter Output => inner.Output;

        public override EndPoint? RemoteEndPoint => address is null ? null : new IPEndPoint(address, 1);

        public override void Abort() => inner.Abort();

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
