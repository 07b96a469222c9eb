using System.ComponentModel;
using System.Diagnostics;

namespace RawWs.Host.Tests;

public class CompletionCommandTests
{
    [Theory]
    [InlineData("rawws comp", "completion")]
    [InlineData("rawws completion ", "bash fish zsh --help")]
    [InlineData("rawws --max-r", "--max-receive-memory --max-receive-size --max-rooms")]
    [InlineData("rawws --log-format ", "json plain")]
    [InlineData("rawws --log-format=p", "plain")]
    [InlineData("rawws --log-format=", "json plain")]
    [InlineData("rawws --port 0 --slow-consumer drop", "drop-newest drop-oldest")]
    [InlineData("rawws config --sh", "--show")]
    [InlineData("rawws lis", "listen")]
    [InlineData("rawws send --wa", "--wait --wait-timeout")]
    [InlineData("rawws bench --in", "--in-flight --insecure")]
    [InlineData("rawws --static ", "")]
    public async Task Bash_completes_what_has_been_typed(string typed, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no bash of its own.");
        var script = await RawwsProcess.RunAsync("completion", "bash");
        Assert.Equal((ExitCode.Success, ""), (script.ExitCode, script.Errors));

        // As bash does it: a '=' is a word of its own, and so is what comes behind a space.
        var words = typed.Replace("=", " = ", StringComparison.Ordinal).Split(' ');
        words = typed.EndsWith('=') ? words[..^1] : words;
        var found = await RunShellAsync(
            "bash",
            $$"""
            rawws() { "$DOTNET" "$RAWWS" "$@"; }
            {{script.Output}}
            COMP_LINE='{{typed}}' COMP_POINT={{typed.Length}} COMP_WORDS=({{string.Join(' ', words.Select(word => $"'{word}'"))}}) COMP_CWORD={{words.Length - 1}}
            _rawws
            echo "${COMPREPLY[@]}"
            """);

        Assert.Equal(expected.Split(' ').Order(StringComparer.Ordinal), found.TrimEnd().Split(' ').Order(StringComparer.Ordinal));
    }

    // In the shell itself, which completes a line that it is given.
    [Theory]
    [InlineData("rawws comp", "completion")]
    [InlineData("rawws --max-r", "--max-receive-memory --max-receive-size --max-rooms")]
    [InlineData("rawws --log-format ", "json plain")]
    [InlineData("rawws --log-format=p", "--log-format=plain")]
    [InlineData("rawws --log-format=", "--log-format=json --log-format=plain")]
    [InlineData("rawws --static us", "usr/")]
    public async Task Fish_completes_what_has_been_typed(string typed, string expected)
    {
        var script = await RawwsProcess.RunAsync("completion", "fish");
        var found = await RunShellAsync("fish", $"cd /; function rawws; $DOTNET $RAWWS $argv; end\n{script.Output}\ncomplete -C '{typed}'");

        Assert.Equal(expected.Split(' ').Order(StringComparer.Ordinal), found.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')[0]).Order(StringComparer.Ordinal));
    }

    // The function of the script, with what it asks of the shell's own completion told instead of done.
    [Theory]
    [InlineData("rawws comp", "completion")]
    [InlineData("rawws --max-r", "--max-receive-memory --max-receive-size --max-rooms")]
    [InlineData("rawws --log-format=p", "plain")]
    [InlineData("rawws --static ", "files")]
    public async Task Zsh_completes_what_has_been_typed(string typed, string expected)
    {
        var script = await RawwsProcess.RunAsync("completion", "zsh");
        var found = await RunShellAsync(
            "zsh",
            $$"""
            rawws() { "$DOTNET" "$RAWWS" "$@" }
            compset() { }
            compadd() { print -r -- ${(M)found:#{{typed.Split(' ', '=')[^1]}}*} }
            _files() { print files }
            complete() {
            {{script.Output}}
            }
            BUFFER='{{typed}}' CURSOR={{typed.Length}}
            complete
            """);

        Assert.Equal(expected.Split(' ').Order(StringComparer.Ordinal), found.TrimEnd().Split(' ').Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _rawws rawws\n")]
    [InlineData("zsh", "#compdef rawws\n")]
    [InlineData("fish", "complete -c rawws ")]
    public async Task Each_shell_has_a_script(string shell, string expected)
        => Assert.Contains(expected, (await RawwsProcess.RunAsync("completion", shell)).Output, StringComparison.Ordinal);

    [Fact]
    public async Task Another_shell_is_told_which_there_are()
        => (await RawwsProcess.RunAsync("completion", "tcsh")).AssertFailed(ExitCode.WrongUsage, "completion takes bash, zsh or fish; 'tcsh' is none of these.");

    private static async Task<string> RunShellAsync(string name, string script)
    {
        var start = new ProcessStartInfo(name, ["-c", script]) { RedirectStandardOutput = true };
        start.Environment["DOTNET"] = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        start.Environment["RAWWS"] = Path.Combine(AppContext.BaseDirectory, "rawws.dll");
        using var shell = new Process { StartInfo = start };
        try
        {
            shell.Start();
        }
        catch (Win32Exception error)
        {
            Assert.Skip($"There is no {name} on this machine: {error.Message}");
        }

        var output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
