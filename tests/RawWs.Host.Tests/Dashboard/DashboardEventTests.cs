using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace RawWs.Host.Tests;

/// <summary>The events of docs/dashboard.md, from the running program.</summary>
public sealed class DashboardEventTests
{
    private const string Markup = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task The_first_event_says_what_is_watched_and_what_the_numbers_are()
    {
        var startedAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--transport", "sockets");
        using var viewer = await WatchAsync(rawws);

        var hello = await ReceiveAsync(viewer, "hello", rawws);
        var host = hello["host"]!;
        Assert.Matches("^[0-9a-f]{16}$", (string?)host["instance"]);
        Assert.StartsWith($"rawws {host["version"]} ", rawws.Greeting[0], StringComparison.Ordinal);
        Assert.Equal(("sockets", false), ((string?)host["transport"], (bool)host["isSecure"]!));
        Assert.InRange((long)host["startedAt"]!, startedAt - 1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Assert.Equal(Environment.ProcessorCount, (int)host["processorCount"]!);
        Assert.StartsWith(".NET ", (string?)host["runtime"], StringComparison.Ordinal);
        Assert.NotEqual("", (string?)host["system"]);
        Assert.Equal("time", (string?)hello["columns"]![0]);
        Assert.Empty(hello["history"]!.AsArray());

        var sample = await ReceiveAsync(viewer, "sample", rawws);
        Assert.Equal(hello["columns"]!.AsArray().Count, sample["point"]!.AsArray().Count);
        Assert.Equal(1, (int)sample["watching"]!);
    }

    [Fact]
    public async Task What_happens_is_told()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var viewer = await WatchAsync(rawws);
        var columns = await ReceiveAsync(viewer, "hello", rawws);
        Assert.Equal(1, Value(columns, await ReceiveAsync(viewer, "sample", rawws), "open"));

        // One who talks, one in a room that is called anything, one who asks for what there is not, and one who has gone.
        using var client = await rawws.ConnectAsync();
        await client.AssertEchoAsync("hello", rawws.Deadline);
        using var member = await rawws.ConnectAsync(new UriBuilder(rawws.Url) { Path = "/rooms/" + Uri.EscapeDataString(Markup) }.Uri);
        await member.AssertEchoAsync("to the room", rawws.Deadline);
        await Assert.ThrowsAsync<WebSocketException>(() => rawws.ConnectAsync(new Uri(rawws.Url, "/none")));
        using (var leaver = await rawws.ConnectAsync())
            await leaver.CloseAsync((WebSocketCloseStatus)1001, null, rawws.Deadline);

        var sample = await UntilAsync(viewer, rawws, sample => Value(columns, sample, "open") == 3 && sample["closes"]!.AsArray().Count > 0);
        Assert.Equal(4, Value(columns, sample, "openedTotal"));
        Assert.Equal(1, Value(columns, sample, "closedTotal"));
        Assert.Equal(2, Value(columns, sample, "receivedTotal"));
        Assert.Equal("hello".Length + "to the room".Length, Value(columns, sample, "receivedBytesTotal") - ClosePayloads(1));
        Assert.Equal((1, 1), (Value(columns, sample, "rooms"), Value(columns, sample, "memberships")));
        Assert.True(Value(columns, sample, "residentBytes") > 1_000_000);
        Assert.True(Value(columns, sample, "cpuSecondsTotal") > 0);
        Assert.True(Value(columns, sample, "threads") > 0);

        Assert.Equal(new JsonObject { ["name"] = "/rooms/" + Markup, ["members"] = 1, ["messages"] = 1 }.ToJsonString(), sample["rooms"]!.AsArray().Single()!.ToJsonString());
        Assert.Equal((4, 1), ((int)sample["handshakes"]!["101"]!, (int)sample["handshakes"]!["404"]!));
        var close = sample["closes"]!.AsArray().Single()!;
        Assert.Equal(("remote", "1001", "1001", 1), ((string?)close["initiator"], (string?)close["sent"], (string?)close["received"], (int)close["count"]!));
    }

    [Fact]
    public async Task Each_of_its_numbers_and_members_is_explained()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var viewer = await WatchAsync(rawws);
        var hello = await ReceiveAsync(viewer, "hello", rawws);
        var sample = await ReceiveAsync(viewer, "sample", rawws);
        var guide = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot(), "docs", "dashboard.md"), rawws.Deadline);

        var names = hello["columns"]!.AsArray().Select(name => (string)name!)
            .Concat(hello.AsObject().Select(member => member.Key))
            .Concat(hello["host"]!.AsObject().Select(member => member.Key))
            .Concat(sample.AsObject().Select(member => member.Key));
        Assert.All(names, name => Assert.Contains($"`{name}`", guide, StringComparison.Ordinal));
    }

    private static Task<ClientWebSocket> WatchAsync(RawwsProcess rawws) => rawws.ConnectAsync(new UriBuilder(rawws.Url) { Path = "/_rawws" }.Uri);

    private static async Task<JsonNode> ReceiveAsync(ClientWebSocket viewer, string type, RawwsProcess rawws)
    {
        var (kind, payload) = await viewer.ReceiveMessageAsync(rawws.Deadline);
        Assert.Equal(WebSocketMessageType.Text, kind);
        var received = JsonNode.Parse(payload)!;
        Assert.Equal(type, (string?)received["type"]);
        return received;
    }

    /// <summary>Reads samples until one is as it should be, or the test takes too long.</summary>
    private static async Task<JsonNode> UntilAsync(ClientWebSocket viewer, RawwsProcess rawws, Func<JsonNode, bool> isReached)
    {
        while (true)
        {
            var sample = await ReceiveAsync(viewer, "sample", rawws);
            if (isReached(sample))
                return sample;
        }
    }

    private static double Value(JsonNode hello, JsonNode sample, string column)
        => (double)sample["point"]![hello["columns"]!.AsArray().Select(name => (string?)name).ToList().IndexOf(column)]!;

    private static int ClosePayloads(int count) => 2 * count;

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "RawWs.sln")))
            folder = folder.Parent!; // The tests are built inside the repository.

        return folder.FullName;
    }
}
