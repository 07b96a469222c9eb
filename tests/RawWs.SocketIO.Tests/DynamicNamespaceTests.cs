using System.Text.Json;
using System.Text.RegularExpressions;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

public sealed partial class DynamicNamespaceTests
{
    [Fact]
    public async Task A_client_makes_a_namespace_whose_name_matches()
    {
        var created = new List<string>();
        ParentNamespace? parent = null;
        await using var server = await SocketIOTestServer.StartAsync(io =>
        {
            io.OnNewNamespace(nsp => created.Add(nsp.Name));
            parent = io.Of(Digits());
            parent.OnConnection(socket => socket.On("where", () => socket.Namespace.Name));
        });
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync("40/dyn-1,");
        Assert.Equal("/dyn-1", SocketIOClients.Read(await client.ReadAsync()).Namespace);
        await client.SendAsync("42/dyn-1,1[\"where\"]");
        Assert.Equal("43/dyn-1,1[\"/dyn-1\"]", await client.ReadAsync());
        await client.SendAsync("40/dyn-x,");
        Assert.Equal("44/dyn-x,{\"message\":\"Invalid namespace\"}", await client.ReadAsync());
        server.IO.Of("/dyn-2");
        server.IO.Of("/other");

        Assert.Equal(["/dyn-1", "/dyn-2", "/other"], created);
        Assert.Equal(["/dyn-1", "/dyn-2"], parent!.Children.Select(child => child.Name));
    }

    [Fact]
    public async Task A_function_decides_by_name_and_auth_and_the_first_kind_counts()
    {
        await using var server = await SocketIOTestServer.StartAsync(io =>
        {
            io.Of((name, auth) => name == "/throws" ? throw new InvalidOperationException("of the application") : new(Allows(name, auth))).Use(_ => throw new ConnectErrorException("first"));
            io.Of(Digits()).Use(_ => throw new ConnectErrorException("second"));
        });
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync("40/dyn-1,{\"token\":\"t\"}");
        Assert.Equal("44/dyn-1,{\"message\":\"first\"}", await client.ReadAsync());
        await client.SendAsync("40/dyn-1,{\"token\":\"x\"}");
        Assert.Equal("44/dyn-1,{\"message\":\"second\"}", await client.ReadAsync());
        await client.SendAsync("40/throws,");
        Assert.Equal("44/throws,{\"message\":\"internal error\"}", await client.ReadAsync());

        static bool Allows(string name, JsonElement auth) => name.StartsWith("/dyn", StringComparison.Ordinal) && auth.GetProperty("token").GetString() == "t";
    }

    [Fact]
    public async Task What_is_sent_to_a_kind_reaches_all_of_it()
    {
        ParentNamespace? parent = null;
        await using var server = await SocketIOTestServer.StartAsync(io => parent = io.Of(Digits()));
        await using var client = await server.OpenWebSocketAsync();
        await client.SendAsync("40/dyn-1,");
        await FindAsync(parent, await client.ReadAsync());
        await client.SendAsync("40/dyn-2,");
        var second = await FindAsync(parent, await client.ReadAsync());
        second.Join("room");

        await parent!.EmitAsync("all", (byte[])[1]);
        await parent.To("room").EmitAsync("room");

        Assert.Equal(
            ["#01", "#01", "42/dyn-2,[\"room\"]", "451-/dyn-1,[\"all\",{\"_placeholder\":true,\"num\":0}]", "451-/dyn-2,[\"all\",{\"_placeholder\":true,\"num\":0}]"],
            new[] { await client.ReadAsync(), await client.ReadAsync(), await client.ReadAsync(), await client.ReadAsync(), await client.ReadAsync() }.Order(StringComparer.Ordinal));
        Assert.Throws<NotSupportedException>(() => { _ = parent.Everybody.FetchSocketsAsync(); });
        await Assert.ThrowsAsync<NotSupportedException>(() => parent.Everybody.EmitWithAckAsync<int>("q"));
        await parent.Everybody.DisconnectSocketsAsync();
        Assert.Equal(["41/dyn-1,", "41/dyn-2,"], new[] { await client.ReadAsync(), await client.ReadAsync() }.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_namespace_that_a_client_has_made_goes_with_the_last_one_if_it_is_to(bool isCleanedUp)
    {
        ParentNamespace? parent = null;
        var closed = new List<string>();
        await using var server = await SocketIOTestServer.StartAsync(
            io => parent = io.Of(Digits()),
            options => (options.CleanUpEmptyChildNamespaces, options.Adapter) = (isCleanedUp, nsp => new ClosingAdapter(nsp, closed)));
        await using var first = await server.OpenWebSocketAsync();
        await using var second = await server.OpenWebSocketAsync();
        foreach (var client in new[] { first, second })
        {
            await client.SendAsync("40/dyn-1,");
            await FindAsync(parent, await client.ReadAsync());
        }

        await first.SendAsync("41/dyn-1,");
        await Eventually.HoldsAsync(() => parent!.Children[0].Sockets.Count == 1);
        second.WebSocket.Abort();
        await Eventually.HoldsAsync(() => server.IO.ConnectionCount == 1);

        if (isCleanedUp)
        {
            await Eventually.HoldsAsync(() => parent!.Children.Count == 0);
            await Eventually.HoldsAsync(() => closed.SequenceEqual(["/dyn-1"]));
        }
        else
        {
            await Eventually.HoldsAsync(() => parent!.Children.Single().Sockets.Count == 0);
        }

        await first.SendAsync("40/dyn-1,");
        Assert.Equal("/dyn-1", SocketIOClients.Read(await first.ReadAsync()).Namespace);
    }

    [Fact]
    public async Task What_the_application_has_asked_for_stays()
    {
        ParentNamespace? parent = null;
        await using var server = await SocketIOTestServer.StartAsync(io => parent = io.Of(Digits()));
        await using var client = await server.OpenWebSocketAsync();
        await client.SendAsync("40/dyn-1,");
        await FindAsync(parent, await client.ReadAsync());

        var mine = server.IO.Of("/dyn-1");
        await client.SendAsync("41/dyn-1,");
        await Eventually.HoldsAsync(() => mine.Sockets.Count == 0);
        await client.SendAsync("40/dyn-1,");
        await client.ReadAsync();

        Assert.Same(mine, Assert.Single(parent!.Children));
    }

    [Fact]
    public async Task Clients_make_only_so_many()
    {
        ParentNamespace? parent = null;
        await using var server = await SocketIOTestServer.StartAsync(io => parent = io.Of(Digits()), options => options.MaxDynamicNamespaceCount = 2);
        await using var client = await server.OpenWebSocketAsync();
        foreach (var name in new[] { "/dyn-1", "/dyn-2" })
        {
            await client.SendAsync($"40{name},");
            await FindAsync(parent, await client.ReadAsync());
        }

        await client.SendAsync("40/dyn-3,");
        Assert.Equal("44/dyn-3,{\"message\":\"Invalid namespace\"}", await client.ReadAsync());
        await client.SendAsync("41/dyn-1,");
        await client.SendAsync("40/dyn-3,");
        Assert.Equal("/dyn-3", SocketIOClients.Read(await client.ReadAsync()).Namespace);
        Assert.Equal(["/dyn-2", "/dyn-3"], parent!.Children.Select(child => child.Name));
    }

    [Fact]
    public async Task What_the_application_has_asked_for_is_none_of_those_that_clients_make()
    {
        ParentNamespace? parent = null;
        await using var server = await SocketIOTestServer.StartAsync(io => parent = io.Of(Digits()), options => options.MaxDynamicNamespaceCount = 1);
        await using var client = await server.OpenWebSocketAsync();
        await client.SendAsync("40/dyn-1,");
        await FindAsync(parent, await client.ReadAsync());

        server.IO.Of("/dyn-1");
        await client.SendAsync("40/dyn-2,");

        Assert.Equal("/dyn-2", SocketIOClients.Read(await client.ReadAsync()).Namespace);
    }

    [Fact]
    public async Task A_refused_client_leaves_no_namespace_behind()
    {
        ParentNamespace? parent = null;
        await using var server = await SocketIOTestServer.StartAsync(io => (parent = io.Of(Digits())).Use(_ => throw new ConnectErrorException("no")));
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync("40/dyn-1,");

        Assert.Equal("44/dyn-1,{\"message\":\"no\"}", await client.ReadAsync());
        await Eventually.HoldsAsync(() => parent!.Children.Count == 0);
    }

    [Fact]
    public async Task What_is_kept_for_lost_connections_keeps_the_namespace()
    {
        ParentNamespace? parent = null;
        await using var server = await SocketIOTestServer.StartAsync(io => parent = io.Of(Digits()), options => options.ConnectionStateRecovery = new());
        var client = await server.OpenWebSocketAsync();
        await client.SendAsync("40/dyn-1,");
        var (_, id, pid) = SocketIOClients.Read(await client.ReadAsync());
        await LoseAsync(client, await FindAsync(parent, client.LastMessage));
        await client.DisposeAsync();

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40/dyn-1,{"pid":"{{pid}}"}""");
        Assert.Equal(id, SocketIOClients.Read(await again.ReadAsync()).Id);
        await LoseAsync(again, await FindAsync(parent, again.LastMessage));
        Assert.Single(parent!.Children);
        server.Time.Advance(TimeSpan.FromMinutes(4));

        await Eventually.HoldsAsync(() => parent.Children.Count == 0);
    }

    [Fact]
    public async Task A_pattern_that_takes_too_long_matches_nothing()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.Of(new Regex("^/(a+)+$", RegexOptions.None, TimeSpan.FromMilliseconds(1))));
        await using var client = await server.OpenWebSocketAsync();
        var name = "/" + new string('a', 200) + "!";

        await client.SendAsync($"40{name},");

        Assert.Equal($"44{name},{{\"message\":\"Invalid namespace\"}}", await client.ReadAsync());
    }

    // A socket's handlers are told when everything about its end is done, but for its namespace.
    private static async Task LoseAsync(EngineClient client, SocketIOSocket socket)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        socket.OnDisconnect(_ => gone.SetResult());
        client.WebSocket.Abort();
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static Task<SocketIOSocket> FindAsync(ParentNamespace? parent, string reply)
    {
        Assert.NotNull(parent);
        return parent.FindAsync(reply);
    }

    [GeneratedRegex("^/dyn-[0-9]+$")]
    private static partial Regex Digits();

    private sealed class ClosingAdapter(SocketIONamespace nsp, List<string> closed) : SocketIOAdapter(nsp)
    {
        public override Task CloseAsync()
        {
            closed.Add(Namespace.Name);
            return Task.CompletedTask;
        }
    }
}
