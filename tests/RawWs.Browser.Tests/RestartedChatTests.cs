using System.Globalization;
using Microsoft.Playwright;
using RawWs.Proxy.Tests;
using RawWs.Testing;

namespace RawWs.Browser.Tests;

/// <summary>A chat over TLS and behind nginx, whose server is stopped with Ctrl+C and started again while people type.</summary>
public sealed class RestartedChatTests(Chromium chromium)
{
    private const int Before = 8, Meanwhile = 4, After = 4;

    // Browsers trust no certificate that is made for a test.
    private static readonly BrowserNewContextOptions TrustingAnybody = new() { IgnoreHTTPSErrors = true };

    [Fact]
    public async Task Over_TLS_a_restart_in_mid_chat_loses_nothing()
    {
        SkipIfInterruptsAreIgnored();
        var folder = Directory.CreateTempSubdirectory("rawws-chat-");
        try
        {
            using var authority = new CertificateAuthority();
            using var certificate = authority.IssueForServer("localhost");
            var (certificateFile, keyFile) = CertificateAuthority.Write(certificate, folder.FullName, "server");
            await using var first = await StartAsync("0");
            await using var chat = await TalkAsync(first.Url);
            await first.SignalAsync("INT");
            Assert.Equal(0, (await first.WaitForEndAsync()).ExitCode);
            await chat.GoOnAsync();
            await using var second = await StartAsync(first.Url.Port.ToString(CultureInfo.InvariantCulture));
            await chat.AssertNothingIsLostAsync();

            Task<RawwsProcess> StartAsync(string port) => RawwsProcess.StartAsync("--host", "localhost", "--port", port, "--tls-cert", certificateFile, "--tls-key", keyFile);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(ProxyKind.Nginx)]
    [InlineData(ProxyKind.NginxTls)]
    public async Task Behind_nginx_a_restart_in_mid_chat_loses_nothing(ProxyKind kind)
    {
        SkipIfInterruptsAreIgnored();
        await using var server = await ProxiedServer.StartAsync(kind);
        await using var chat = await TalkAsync(server.Url);
        Assert.Equal(0, (await server.StopRawwsAsync("INT")).ExitCode);
        await chat.GoOnAsync();
        await server.StartRawwsAgainAsync();
        await chat.AssertNothingIsLostAsync();
    }

    private async Task<Conversation> TalkAsync(Uri url)
    {
        var alice = await ChatWindow.JoinAsync(chromium, url, "Alice", TrustingAnybody);
        var bob = await ChatWindow.JoinAsync(chromium, url, "Bob", TrustingAnybody);
        var chat = new Conversation(alice, bob);
        await chat.BeginAsync();
        return chat;
    }

    // A shell without job control starts background commands with SIGINT ignored, which what they start inherits.
    private static void SkipIfInterruptsAreIgnored()
    {
        const string StatusFile = "/proc/self/status", Field = "SigIgn:";
        const ulong InterruptBit = 1 << 1;

        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows can't send this signal to one process.");
        var mask = File.Exists(StatusFile) ? File.ReadLines(StatusFile).First(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..].Trim() : "0";
        Assert.SkipWhen((Convert.ToUInt64(mask, 16) & InterruptBit) != 0, "These tests were started with Ctrl+C ignored.");
    }

    /// <summary>Two who talk, and never wait for the server.</summary>
    private sealed class Conversation(ChatWindow alice, ChatWindow bob) : IAsyncDisposable
    {
        private const string HalfWritten = "half a sen";

        private Task _typing = Task.CompletedTask;

        /// <summary>Both begin to type, and some of it has been said when this returns; they go on.</summary>
        public async Task BeginAsync()
        {
            _typing = Task.WhenAll(TypeAsync(alice, "a", 0, Before), TypeAsync(bob, "b", 0, Before));
            await Assertions.Expect(alice.Said.GetByText("b1", new() { Exact = true })).ToHaveCountAsync(1);
        }

        /// <summary>There is no server: both type all the same, and one has not finished.</summary>
        public async Task GoOnAsync()
        {
            await _typing;
            await Task.WhenAll(TypeAsync(alice, "a", Before, Before + Meanwhile), TypeAsync(bob, "b", Before, Before + Meanwhile));
            await Assertions.Expect(alice.Waiting.GetByText($"a{Before}", new() { Exact = true })).ToHaveCountAsync(1);
            await bob.Text.FillAsync(HalfWritten);
        }

        /// <summary>There is one again: all of it is said, each once, and what was half written still stands there and can be finished.</summary>
        public async Task AssertNothingIsLostAsync()
        {
            await alice.AssertConnectedAsync();
            await bob.AssertConnectedAsync();
            await Assertions.Expect(bob.Text).ToHaveValueAsync(HalfWritten);
            await bob.SayAsync(HalfWritten + "tence");
            await TypeAsync(alice, "a", Before + Meanwhile, Before + Meanwhile + After);

            string[] all = [.. Said("a", Before + Meanwhile + After), .. Said("b", Before + Meanwhile), HalfWritten + "tence"];
            await alice.AssertSaidAsync(all);
            await bob.AssertSaidAsync(all);

            // Of each other they read in the order in which it was typed.
            Assert.Equal([.. Said("b", Before + Meanwhile), HalfWritten + "tence"], (await alice.Said.AllTextContentsAsync()).Where(text => text[0] != 'a'));
            Assert.Equal(Said("a", Before + Meanwhile + After), (await bob.Said.AllTextContentsAsync()).Where(text => text[0] == 'a'));
        }

        public async ValueTask DisposeAsync()
        {
            await _typing;
            await alice.DisposeAsync();
            await bob.DisposeAsync();
        }

        private static IEnumerable<string> Said(string prefix, int count) => Enumerable.Range(0, count).Select(number => $"{prefix}{number}");

        private static async Task TypeAsync(ChatWindow window, string prefix, int from, int to)
        {
            for (var number = from; number < to; number++)
                await window.SayAsync($"{prefix}{number}");
        }
    }
}
