using Microsoft.Playwright;
using RawWs.Redis.Tests.Host;
using RawWs.Redis.Tests.Servers;

namespace RawWs.Browser.Tests;

/// <summary>The page of the chat on two hosts that share a Redis, which is killed and started again.</summary>
public sealed class TwoHostsChatTests(Chromium chromium)
{
    private const string Missed = "Something that was said here may be missing";

    [Theory]
    [InlineData("pubsub")]
    [InlineData("streams")]
    public async Task Pages_of_two_hosts_talk_and_say_what_may_be_missing_when_Redis_was_killed(string mode)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RedisHost.StartAsync(rig, mode);
        await using var two = await RedisHost.StartAsync(rig, mode);
        await using var alice = await ChatWindow.JoinAsync(chromium, one.Url, "Alice");
        await using var bob = await ChatWindow.JoinAsync(chromium, two.Url, "Bob");
        await alice.SayAsync("before");
        await Assertions.Expect(bob.Said).ToHaveTextAsync(["before"]);
        await bob.SayAsync("there too");
        await Assertions.Expect(alice.Said).ToHaveTextAsync(["before", "there too"]);

        await rig.Server.KillAsync();
        await RedisHost.WaitForLossAsync(one, two);
        await alice.SayAsync("meanwhile");
        await alice.AssertSaidAsync(["before", "there too", "meanwhile"]);

        await rig.Server.StartAgainAsync();
        await RedisHost.WaitForConnectionAsync(one, two);
        await Assertions.Expect(bob.Notices.Filter(new() { HasText = Missed })).ToHaveCountAsync(1);
        await Assertions.Expect(alice.Notices.Filter(new() { HasText = Missed })).ToHaveCountAsync(1);
        await alice.SayAsync("behind");
        await Assertions.Expect(bob.Said.Last).ToHaveTextAsync("behind");
        await bob.SayAsync("there again");
        await Assertions.Expect(alice.Said.Last).ToHaveTextAsync("there again");

        // Channels forget what was said before a receiver heard again; streams do not.
        string[] expected = ["before", "there too", Missed, "meanwhile", "behind", "there again"];
        var shown = await ShownAsync(bob);
        Assert.Equal(mode == "streams" ? expected : expected.Where(text => text != "meanwhile"), mode == "streams" ? shown : shown.Where(text => text != "meanwhile"));

        // It is part of what whoever comes later is shown, where it was.
        await using var carol = await ChatWindow.JoinAsync(chromium, two.Url, "Carol");
        await Assertions.Expect(carol.Said.Last).ToHaveTextAsync("there again");
        Assert.Equal(shown, await ShownAsync(carol));
    }

    [Fact]
    public async Task Pages_of_two_hosts_show_everybody_and_those_of_a_host_that_is_killed_go()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await RedisHost.StartAsync(rig, "pubsub");
        await using var two = await RedisHost.StartAsync(rig, "pubsub");
        await using var alice = await ChatWindow.JoinAsync(chromium, one.Url, "Alice");
        await using var bob = await ChatWindow.JoinAsync(chromium, two.Url, "Bob");
        await using var carol = await ChatWindow.JoinAsync(chromium, two.Url, "Carol");

        // Whoever looks is the first.
        await Assertions.Expect(alice.Here).ToHaveTextAsync(["Alice", "Bob", "Carol"]);
        await Assertions.Expect(bob.Here).ToHaveTextAsync(["Bob", "Alice", "Carol"]);
        await Assertions.Expect(carol.Here).ToHaveTextAsync(["Carol", "Alice", "Bob"]);
        await Assertions.Expect(alice.Page.Locator("#here-count")).ToHaveTextAsync("3");
        await Assertions.Expect(alice.Notices.Filter(new() { HasText = "Carol joined" }).First).ToBeVisibleAsync();

        // Three of its heartbeats, and a second and a half for those who only reload.
        await two.SignalAsync("KILL");
        await Assertions.Expect(alice.Here).ToHaveTextAsync(["Alice"]);
        await Assertions.Expect(alice.Notices.Filter(new() { HasText = "Bob left" }).First).ToBeVisibleAsync();
        await Assertions.Expect(alice.Notices.Filter(new() { HasText = "Carol left" }).First).ToBeVisibleAsync();
    }

    /// <summary>What the page shows, from its top: what was said, and where something may be missing.</summary>
    private static async Task<string[]> ShownAsync(ChatWindow window)
        => [.. (await window.Page.Locator("#messages .message .body, #messages .notice").AllTextContentsAsync())
            .Where(text => !text.EndsWith(" joined", StringComparison.Ordinal) && !text.EndsWith(" left", StringComparison.Ordinal))];
}
