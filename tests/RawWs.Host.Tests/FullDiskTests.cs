using RawWs.Testing;

namespace RawWs.Host.Tests;

/// <summary>What is printed may be more than there is room for: that is said like any other failure.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-full-");

    public FullDiskTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems have no /dev/full.");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("config", "--show")]
    [InlineData("config", "--show", "--format", "json")]
    [InlineData("completion", "bash")]
    [InlineData("[suggest:2]", "--")]
    public async Task What_can_not_be_printed_is_a_failure_of_one_line(params string[] args)
        => (await RawwsProcess.RunOnFullDiskAsync("1", args)).AssertFailed(ExitCode.Failure, "What is to be printed can't be written: No space left on device.");

    [Theory]
    [InlineData("send", "hello", "--wait", "1")]
    [InlineData("bench", "--duration", "0.1", "--warm-up", "0", "--json")]
    public async Task What_a_client_can_not_print_is_one_too(string command, params string[] args)
    {
        await using var server = await LoopbackServer.StartAsync();

        (await RawwsProcess.RunOnFullDiskAsync("1", [command, server.Address, .. args])).AssertFailed(ExitCode.Failure, "What is to be printed can't be written: No space left on device.");
    }

    [Fact]
    public async Task A_closed_standard_output_is_told()
    {
        await using var server = await LoopbackServer.StartAsync();

        (await RawwsProcess.RunClosedAsync("send", server.Address, "hello", "--wait", "1")).AssertFailed(ExitCode.Failure, "What is to be printed can't be written: ");
    }

    [Fact]
    public async Task With_nowhere_to_say_so_the_exit_code_is_what_is_left()
    {
        Assert.Equal(ExitCode.Failure, (await RawwsProcess.RunOnFullDiskAsync("12", "--help")).ExitCode);
        Assert.Equal(ExitCode.WrongUsage, (await RawwsProcess.RunOnFullDiskAsync("2", "--prot", "1")).ExitCode);
    }

    [Fact]
    public async Task A_certificate_that_nobody_was_told_of_is_not_in_the_way_of_the_next()
    {
        (await RawwsProcess.RunOnFullDiskAsync("1", "dev-cert", "--out", _folder.FullName)).AssertFailed(ExitCode.Failure, "No space left on device");

        Assert.Empty(_folder.GetFiles());
        Assert.Equal(ExitCode.Success, (await RawwsProcess.RunAsync("dev-cert", "--out", _folder.FullName)).ExitCode);
        Assert.Equal(2, _folder.GetFiles().Length);
    }
}
