namespace RawWs.SocketIO.Tests;

/// <summary>What is kept in memory for clients that come back.</summary>
public sealed class RecoveringAdapterTests
{
    [Fact]
    public async Task Of_events_the_last_are_kept_that_are_of_the_allowed_size_together()
    {
        const int Count = 3;
        var session = new StoredSession("id", "pid", [], new SocketData(), null);
        await using var server = await SocketIOTestServer.StartAsync(
            configure: options => options.ConnectionStateRecovery = new() { MaxEventSize = Count * "[\"e\",1,\"1\"]".Length });
        var adapter = server.IO.Of("/").Adapter;

        // As often as it takes to see that what has gone does not count any more.
        for (var number = 1; number <= 9; number++)
        {
            await server.IO.EmitAsync("e", number);
            if (number < Count)
                continue;

            Assert.Equal(Count, (await adapter.ReadMissedAsync(session, $"{number - Count}"))?.Count);
            if (number > Count)
                Assert.Null(await adapter.ReadMissedAsync(session, $"{number - Count - 1}"));
        }
    }

    [Fact]
    public async Task Events_are_kept_as_long_as_who_could_have_missed_them()
    {
        var session = new StoredSession("id", "pid", [], new SocketData(), null);
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.ConnectionStateRecovery = new());
        var adapter = server.IO.Of("/").Adapter;
        await server.IO.EmitAsync("old");
        server.Time.Advance(TimeSpan.FromMinutes(1));
        await server.IO.EmitAsync("newer");
        server.Time.Advance(TimeSpan.FromMinutes(1));

        await server.IO.EmitAsync("e");
        Assert.Equal(["old", "newer", "e"], (await adapter.ReadMissedAsync(session, "0"))?.Select(packet => packet.EventName));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.IO.EmitAsync("e");

        Assert.Null(await adapter.ReadMissedAsync(session, "0"));
        Assert.Equal(["newer", "e", "e"], (await adapter.ReadMissedAsync(session, "1"))?.Select(packet => packet.EventName));
    }
}
