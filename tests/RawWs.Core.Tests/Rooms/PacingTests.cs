namespace RawWs.Tests.Rooms;

/// <summary>Four messages fit into a queue: with three in it, it is more than half full.</summary>
public sealed class PacingTests
{
    private static readonly TimeSpan PacingTimeout = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_publisher_goes_on_when_the_members_have_read_and_no_clock_is_needed()
    {
        await using var server = await StartAsync();
        await using var alice = await server.OpenAsync(capacity: 1);
        var lobby = server.Rooms["lobby"];
        lobby.Join(alice.Connection);

        for (var round = 0; round < 20; round++)
        {
            for (var number = 0; number < 3; number++)
                Assert.True(lobby.BroadcastAsync($"{number}").AsTask().IsCompletedSuccessfully);

            var fourth = lobby.BroadcastAsync("3").AsTask();
            Assert.False(fourth.IsCompleted);
            Assert.Equal(["0", "1", "2", "3"], await alice.ReadAsync(4));
            Assert.Equal(new BroadcastResult(1, 0), await fourth);
        }
    }

    [Fact]
    public async Task Who_does_not_catch_up_in_time_is_waited_for_no_more_until_it_has()
    {
        await using var server = await StartAsync();
        await using var slow = await server.OpenAsync(capacity: 1);
        await using var fast = await server.OpenAsync();
        var lobby = server.Rooms["lobby"];
        lobby.Join(slow.Connection);
        lobby.Join(fast.Connection);
        for (var number = 0; number < 3; number++)
            Assert.True(lobby.BroadcastAsync($"{number}").AsTask().IsCompletedSuccessfully);

        var fourth = lobby.BroadcastAsync("3").AsTask();
        server.Time.Advance(PacingTimeout - TimeSpan.FromMilliseconds(1));
        Assert.False(fourth.IsCompleted);
        Assert.Equal(["0", "1", "2", "3"], await fast.ReadAsync(4));
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new BroadcastResult(2, 0), await fourth);

        // It is written off: nobody waits, and its policy applies as soon as its queue is full.
        Assert.True(lobby.BroadcastAsync("4").AsTask().IsCompletedSuccessfully);
        Assert.Equal(new BroadcastResult(2, 1), await lobby.BroadcastAsync("5"));
        Assert.Equal(["4", "5"], await fast.ReadAsync(2));

        // It has caught up, and is waited for again.
        Assert.Equal(["0", "1", "2", "3", "4"], await slow.ReadAsync(5));
        await slow.Connection.WaitForDrainAsync();
        for (var number = 6; number < 9; number++)
            Assert.True(lobby.BroadcastAsync($"{number}").AsTask().IsCompletedSuccessfully);

        var tenth = lobby.BroadcastAsync("9").AsTask();
        Assert.False(tenth.IsCompleted);
        Assert.Equal(["6", "7", "8", "9"], await slow.ReadAsync(4));
        await tenth;
    }

    [Fact]
    public async Task Who_is_to_be_waited_for_is_waited_for_in_any_case_until_it_has_caught_up()
    {
        await using var server = await StartAsync(policy: SlowConsumerPolicy.Wait);
        await using var alice = await server.OpenAsync(capacity: 1);
        var lobby = server.Rooms["lobby"];
        lobby.Join(alice.Connection);
        for (var number = 0; number < 3; number++)
            Assert.True(lobby.BroadcastAsync($"{number}").AsTask().IsCompletedSuccessfully);

        // Several publishers may overfill it, each by the message for which it waits.
        var waiting = Enumerable.Range(3, 5).Select(number => lobby.BroadcastAsync($"{number}").AsTask()).ToArray();
        server.Time.Advance(TimeSpan.FromHours(1));
        Assert.DoesNotContain(waiting, task => task.IsCompleted);
        Assert.Equal(Enumerable.Range(0, 8).Select(number => $"{number}"), await alice.ReadAsync(8));
        Assert.All(await Task.WhenAll(waiting), result => Assert.Equal(new BroadcastResult(1, 0), result));
    }

    [Theory]
    [InlineData(SlowConsumerPolicy.Wait)]
    [InlineData(SlowConsumerPolicy.DropNewest)]
    public async Task Who_ends_is_waited_for_no_more(SlowConsumerPolicy policy)
    {
        await using var server = await StartAsync(policy);
        await using var alice = await server.OpenAsync(capacity: 1);
        var lobby = server.Rooms["lobby"];
        lobby.Join(alice.Connection);
        for (var number = 0; number < 3; number++)
            await lobby.BroadcastAsync($"{number}");

        var waiting = lobby.BroadcastAsync("3").AsTask();
        Assert.False(waiting.IsCompleted);
        alice.Connection.Abort();
        Assert.Equal(new BroadcastResult(1, 0), await waiting);
    }

    [Fact]
    public async Task Who_gives_up_waiting_has_sent_the_message_all_the_same()
    {
        await using var server = await StartAsync(policy: SlowConsumerPolicy.Wait);
        await using var alice = await server.OpenAsync(capacity: 1);
        var lobby = server.Rooms["lobby"];
        lobby.Join(alice.Connection);
        for (var number = 0; number < 3; number++)
            await lobby.BroadcastAsync($"{number}");

        using var cancelling = new CancellationTokenSource();
        var (now, later) = (lobby.BroadcastAsync("3", cancellationToken: cancelling.Token).AsTask(), lobby.BroadcastAsync("4", cancellationToken: cancelling.Token).AsTask());
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => now);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => later);

        // Who had given up before sends nothing.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await lobby.BroadcastAsync("5", cancellationToken: cancelling.Token));
        Assert.Equal(["0", "1", "2", "3", "4"], await alice.ReadAsync(5));
    }

    // A fast publisher, and a reader that is slow but alive: nothing is lost, whatever the policy, and never does more wait than fits.
    [Fact]
    public async Task A_publisher_is_held_to_the_pace_of_its_readers()
    {
        await using var server = await StartAsync();
        var peers = await server.OpenManyAsync(3, capacity: 1);
        foreach (var peer in peers)
            server.Rooms["lobby"].Join(peer.Connection);

        var reading = peers.Select(peer => peer.ReadUntilAsync("last")).ToArray();
        for (var number = 0; number < 2_000; number++)
            Assert.Equal(new BroadcastResult(3, 0), await server.Rooms["lobby"].BroadcastAsync($"{number}"));

        await server.Rooms["lobby"].BroadcastAsync("last", options: new SendOptions { Policy = SlowConsumerPolicy.Wait });
        foreach (var texts in await Task.WhenAll(reading))
            Assert.Equal(Enumerable.Range(0, 2_000).Select(number => $"{number}"), texts);
    }

    private static Task<RoomServer> StartAsync(SlowConsumerPolicy policy = SlowConsumerPolicy.DropNewest) => RoomServer.StartAsync(options =>
    {
        options.MaxSendQueueCount = 4;
        options.BroadcastPolicy = policy;
        options.PacingTimeout = PacingTimeout;
    });
}
