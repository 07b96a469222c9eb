using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace RawWs.Browser.Tests;

/// <summary>The page of the chat, as people use it.</summary>
public sealed partial class ChatPageTests(Chromium chromium)
{
    [Fact]
    public async Task Two_windows_talk_and_see_each_other_come_and_go()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var alice = await ChatWindow.JoinAsync(chromium, rawws.Url, "Alice");
        var bob = await ChatWindow.JoinAsync(chromium, rawws.Url, "Bob");

        await Assertions.Expect(alice.Notices).ToHaveTextAsync(["Bob joined"]);
        await Assertions.Expect(alice.Here).ToHaveTextAsync(["Alice", "Bob"]);
        await Assertions.Expect(bob.Here).ToHaveTextAsync(["Bob", "Alice"]);

        await alice.SayAsync("hello");
        await Assertions.Expect(bob.Said).ToHaveTextAsync(["hello"]);
        await bob.SayAsync("hi");
        await Assertions.Expect(alice.Said).ToHaveTextAsync(["hello", "hi"]);
        await Assertions.Expect(alice.Page.Locator("#round-trip")).ToHaveTextAsync(RoundTrip());

        await bob.DisposeAsync();
        await Assertions.Expect(alice.Notices).ToHaveTextAsync(["Bob joined", "Bob left"]);
        await Assertions.Expect(alice.Here).ToHaveTextAsync(["Alice"]);

        // Whoever comes later reads what was said.
        await using var carol = await ChatWindow.JoinAsync(chromium, rawws.Url, "Carol");
        await Assertions.Expect(carol.Said).ToHaveTextAsync(["hello", "hi"]);
    }

    [Fact]
    public async Task Ten_windows_see_the_same()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        var windows = new List<ChatWindow>();
        try
        {
            for (var i = 0; i < 10; i++)
                windows.Add(await ChatWindow.JoinAsync(chromium, rawws.Url, $"Guest {i}"));

            await Task.WhenAll(windows.Select(async (window, i) =>
            {
                for (var j = 0; j < 3; j++)
                    await window.SayAsync($"{i}.{j}");
            }));

            string[] all = [.. Enumerable.Range(0, 30).Select(n => $"{n / 3}.{n % 3}")];
            foreach (var window in windows)
            {
                await window.AssertSaidAsync(all);
                await Assertions.Expect(window.Here).ToHaveCountAsync(10);
                Assert.Equal(await windows[0].Said.AllTextContentsAsync(), await window.Said.AllTextContentsAsync());
            }
        }
        finally
        {
            foreach (var window in windows)
                await window.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task A_restart_while_both_type_loses_nothing_and_repeats_nothing(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The signals that end the process are missing.");
        await using var first = await RawwsProcess.StartAsync("--port", "0");
        await using var alice = await ChatWindow.JoinAsync(chromium, first.Url, "Alice");
        await using var bob = await ChatWindow.JoinAsync(chromium, first.Url, "Bob");

        // The server is ended when both have begun to type, and neither waits for it.
        Task[] typing = [TypeAsync(alice, "a", 0, 25), TypeAsync(bob, "b", 0, 25)];
        await Assertions.Expect(alice.Said.GetByText("b3", new() { Exact = true })).ToHaveCountAsync(1);
        await first.SignalAsync(signal);
        await first.WaitForEndAsync();
        await Task.WhenAll(typing);
        await TypeAsync(alice, "a", 25, 30);

        await using var second = await RawwsProcess.StartAsync("--port", first.Url.Port.ToString(CultureInfo.InvariantCulture));
        await Task.WhenAll(TypeAsync(alice, "a", 30, 40), TypeAsync(bob, "b", 25, 40));

        string[] all = [.. Enumerable.Range(0, 40).SelectMany(i => (string[])[$"a{i}", $"b{i}"])];
        await alice.AssertSaidAsync(all);
        await bob.AssertSaidAsync(all);
        await Assertions.Expect(alice.Here).ToHaveTextAsync(["Alice", "Bob"]);

        // Of each other they are told in the order in which it was typed, or a reader would not understand it.
        Assert.Equal(all.Where(text => text[0] == 'b'), (await bob.Said.AllTextContentsAsync()).Where(text => text[0] == 'b'));
    }

    [Fact]
    public async Task What_has_lost_its_confirmation_is_sent_again_and_said_once()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var bob = await ChatWindow.JoinAsync(chromium, rawws.Url, "Bob");

        // The first connection is cut as soon as the server has said the message, whose echo never arrives; and nothing of the history comes with the next.
        var connections = 0;
        await using var alice = await ChatWindow.OpenAsync(chromium, rawws.Url, route: socket =>
        {
            var isFirst = Interlocked.Increment(ref connections) == 1;
            var server = socket.ConnectToServer();
            server.OnMessage(frame =>
            {
                if (!frame.Text!.Contains("\"type\":\"message\"", StringComparison.Ordinal))
                    socket.Send(frame.Text);
                else if (isFirst)
                    _ = socket.CloseAsync();
            });
        });
        await alice.EnterAsync("Alice");
        await alice.AssertConnectedAsync();
        await alice.SayAsync("once");

        await alice.AssertSaidAsync(["once"]);
        await bob.AssertSaidAsync(["once"]);
        Assert.True(connections > 1);
    }

    // For those who use the keyboard. Behind the # of the address is the name of a room.
    [Fact]
    public async Task The_way_to_the_message_leads_to_no_other_room()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var alice = await ChatWindow.JoinAsync(chromium, rawws.Url, "Alice");

        await alice.Page.Locator(".skip").PressAsync("Enter");

        await Assertions.Expect(alice.Text).ToBeFocusedAsync();
        await alice.SayAsync("still here");
        await alice.AssertSaidAsync(["still here"]);
        Assert.Empty(new Uri(alice.Page.Url).Fragment);
        await Assertions.Expect(alice.Page.Locator("#room-title")).ToHaveTextAsync("lobby");
    }

    // What is left of an emoji when a half of it is deleted. No JSON that others read can hold it.
    [Fact]
    public async Task Half_a_character_in_texts_and_names_holds_up_nothing()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var alice = await ChatWindow.OpenAsync(chromium, rawws.Url);

        await alice.Page.GetByLabel("Your name").EvaluateAsync("field => { field.value = 'Al\\ud83dice'; }");
        await alice.Page.GetByLabel("Your name").PressAsync("Enter");
        await alice.AssertConnectedAsync();
        await alice.Text.EvaluateAsync("field => { field.value = 'half \\udc4d'; }");
        await alice.Text.PressAsync("Enter");

        await alice.AssertSaidAsync(["half \ufffd"]);
        await Assertions.Expect(alice.Here).ToHaveTextAsync(["Al\ufffdice"]);
    }

    [Fact]
    public async Task Markup_in_texts_and_names_is_text()
    {
        const string Name = "<b onclick=alert(1)>Eve</b>";
        const string Words = "<img src=x onerror=alert(1)><script>alert(2)</script> &amp; </li>";
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var alice = await ChatWindow.JoinAsync(chromium, rawws.Url, "Alice");
        await using var eve = await ChatWindow.JoinAsync(chromium, rawws.Url, Name);

        await eve.SayAsync(Words);

        foreach (var window in (ChatWindow[])[alice, eve])
        {
            await Assertions.Expect(window.Said).ToHaveTextAsync([Words]);
            await Assertions.Expect(window.Page.Locator("#messages .name")).ToHaveTextAsync([Name]);
            await Assertions.Expect(window.Here.GetByText(Name)).ToHaveCountAsync(1);
            await Assertions.Expect(window.Page.Locator("#messages img, #messages script, main b, #here b")).ToHaveCountAsync(0);
        }

        await Assertions.Expect(alice.Notices).ToHaveTextAsync([$"{Name} joined"]);
    }

    [Fact]
    public async Task The_state_of_the_connection_is_shown()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The signals that end the process are missing.");
        await using var first = await RawwsProcess.StartAsync("--port", "0");
        await using var alice = await ChatWindow.JoinAsync(chromium, first.Url, "Alice");
        await Assertions.Expect(alice.Page.GetByText("Not connected.")).ToBeHiddenAsync();

        await first.SignalAsync("KILL");
        await first.WaitForEndAsync();
        await Assertions.Expect(alice.State).ToHaveTextAsync(Reconnecting());
        await Assertions.Expect(alice.Page.GetByText("Not connected.")).ToBeVisibleAsync();
        await Assertions.Expect(alice.Page.Locator("#round-trip")).ToBeEmptyAsync();
        await alice.SayAsync("later");
        await Assertions.Expect(alice.Waiting).ToHaveTextAsync(["later"]);

        await using var second = await RawwsProcess.StartAsync("--port", first.Url.Port.ToString(CultureInfo.InvariantCulture));
        await alice.AssertConnectedAsync();
        await Assertions.Expect(alice.Page.GetByText("Not connected.")).ToBeHiddenAsync();
        await alice.AssertSaidAsync(["later"]);
    }

    [Fact]
    public async Task A_room_that_is_full_is_told_until_there_is_a_place()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        var isFull = true;
        await using var alice = await ChatWindow.OpenAsync(chromium, rawws.Url, route: socket =>
        {
            if (Volatile.Read(ref isFull))
                socket.OnMessage(_ => TurnAway(socket));
            else
                socket.ConnectToServer();
        });
        var told = alice.Page.GetByText("Not connected: 1000 are in the room, and no more fit in. What you write is kept here");
        // The page's time stands still, so that it tries again when it is told to and not before.
        await alice.Page.Clock.InstallAsync(new() { TimeDate = DateTime.UnixEpoch });
        await alice.Page.Clock.PauseAtAsync(DateTime.UnixEpoch.AddHours(1));

        await alice.EnterAsync("Alice");
        await Assertions.Expect(told).ToBeVisibleAsync();
        await Assertions.Expect(alice.State).ToHaveTextAsync(Reconnecting());

        Volatile.Write(ref isFull, false);
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Now", Exact = true }).ClickAsync();
        await alice.AssertConnectedAsync();
        await Assertions.Expect(told).ToBeHiddenAsync();

        static void TurnAway(IWebSocketRoute socket)
        {
            socket.Send("""{"type":"error","code":"room-full","reason":"1000 are in the room, and no more fit in"}""");
            _ = socket.CloseAsync(new() { Code = 1013, Reason = "the room is full" });
        }
    }

    [Fact]
    public async Task A_reload_keeps_what_is_unsent_and_what_is_half_written()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var bob = await ChatWindow.JoinAsync(chromium, rawws.Url, "Bob");
        var isCut = true;
        await using var alice = await ChatWindow.OpenAsync(chromium, rawws.Url, route: socket =>
        {
            if (Volatile.Read(ref isCut))
                _ = socket.CloseAsync();
            else
                socket.ConnectToServer();
        });
        await alice.EnterAsync("Alice");
        await alice.SayAsync("one");
        await alice.SayAsync("two");
        await alice.Text.FillAsync("thr");

        await alice.Page.ReloadAsync();
        await Assertions.Expect(alice.Waiting).ToHaveTextAsync(["one", "two"]);
        await Assertions.Expect(alice.Text).ToHaveValueAsync("thr");

        Volatile.Write(ref isCut, false);
        await Assertions.Expect(bob.Said).ToHaveTextAsync(["one", "two"]);
        await alice.AssertSaidAsync(["one", "two"]);

        // Once said, a reload says it no more.
        await alice.Page.ReloadAsync();
        await alice.AssertConnectedAsync();
        await alice.SayAsync("three");
        await Assertions.Expect(bob.Said).ToHaveTextAsync(["one", "two", "three"]);
        await alice.AssertSaidAsync(["one", "two", "three"]);
    }

    [Fact]
    public async Task Rooms_are_apart_and_a_name_can_be_changed()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var alice = await ChatWindow.JoinAsync(chromium, rawws.Url, "Alice");
        await using var bob = await ChatWindow.JoinAsync(chromium, rawws.Url, "Bob");
        await alice.SayAsync("in the lobby");

        await bob.Page.GetByLabel("Another room").FillAsync("Tea & Küche");
        await bob.Page.GetByLabel("Another room").PressAsync("Enter");
        await Assertions.Expect(bob.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Tea--Küche");
        await bob.AssertConnectedAsync();
        await bob.SayAsync("tea");
        await bob.AssertSaidAsync(["tea"]);
        await Assertions.Expect(alice.Notices).ToHaveTextAsync(["Bob joined", "Bob left"]);
        await alice.AssertSaidAsync(["in the lobby"]);

        await bob.Page.GetByRole(AriaRole.Link, new() { Name = "lobby" }).ClickAsync();
        await bob.AssertSaidAsync(["in the lobby"]);
        await bob.Page.GetByRole(AriaRole.Button, new() { Name = "Change" }).ClickAsync();
        await bob.EnterAsync("Robert");
        await Assertions.Expect(alice.Here).ToHaveTextAsync(["Alice", "Robert"]);
    }

    [Fact]
    public async Task Everything_can_be_done_with_the_keyboard()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var window = await ChatWindow.OpenAsync(chromium, rawws.Url);

        // The question for the name has the focus; then the field for the message has it.
        await window.Page.Keyboard.TypeAsync("Alice");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.AssertConnectedAsync();
        await Assertions.Expect(window.Text).ToBeFocusedAsync();
        await window.Page.Keyboard.TypeAsync("one");
        await window.Page.Keyboard.PressAsync("Shift+Enter");
        await window.Page.Keyboard.TypeAsync("two");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.AssertSaidAsync(["one\ntwo"]);

        await window.Page.Keyboard.PressAsync("Escape");
        await window.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Send" })).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_phone_shows_all_of_it_in_its_width()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var window = await ChatWindow.JoinAsync(
            chromium, rawws.Url, new string('W', 32), new() { ViewportSize = new() { Width = 320, Height = 568 }, HasTouch = true, IsMobile = true });
        await window.SayAsync(new string('x', 500));
        await Assertions.Expect(window.Said).ToHaveCountAsync(1);

        Assert.Equal(320, await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Equal(320, await window.Page.EvaluateAsync<int>("innerWidth"));
        await Assertions.Expect(window.Text).ToBeInViewportAsync(new() { Ratio = 1 });
        await Assertions.Expect(window.State).ToBeInViewportAsync(new() { Ratio = 1 });
        await Assertions.Expect(window.Here).ToBeHiddenAsync();

        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Rooms and people" }).TapAsync();
        await Assertions.Expect(window.Here).ToBeInViewportAsync();
        await window.Page.Touchscreen.TapAsync(310, 300);
        await Assertions.Expect(window.Here).ToBeHiddenAsync();
    }

    private static async Task TypeAsync(ChatWindow window, string prefix, int from, int to)
    {
        for (var i = from; i < to; i++)
            await window.SayAsync($"{prefix}{i}");
    }

    [GeneratedRegex(@"^\d+(\.\d)? ms$")]
    private static partial Regex RoundTrip();

    [GeneratedRegex(@"^Reconnecting in \d+ s$")]
    private static partial Regex Reconnecting();
}
