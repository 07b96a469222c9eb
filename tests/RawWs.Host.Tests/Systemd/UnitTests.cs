using RawWs.Testing;

namespace RawWs.Host.Tests;

/// <summary>The unit of <c>eng/systemd</c>, and what the page about deploying says of it.</summary>
public sealed class UnitTests
{
    private readonly string[] _unit = File.ReadAllLines(Path.Combine(RepositoryRoot.Path, "eng/systemd/rawws.service"));

    // Systemd looks at the status of the main process only: in one that comes before it, the same end would be tried again.
    [Fact]
    public void What_makes_no_sense_ends_the_main_process_and_is_not_tried_again()
    {
        Assert.Contains($"RestartPreventExitStatus={ExitCode.WrongUsage}", _unit);
        Assert.DoesNotContain(_unit, line => line.StartsWith("ExecStartPre", StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_says_how_the_program_and_its_page_come_to_where_the_unit_looks()
    {
        var page = File.ReadAllLines(Path.Combine(RepositoryRoot.Path, "docs/deployment.md"));
        var program = Assert.Single(_unit, line => line.StartsWith("ExecStart=", StringComparison.Ordinal)).Split('=', ' ')[1];
        var documentation = Assert.Single(_unit, line => line.StartsWith("Documentation=", StringComparison.Ordinal)).Split("file://")[1];

        Assert.Contains("dotnet publish src/RawWs.Host -p:PublishProfile=linux-x64 --output out", page);
        Assert.Contains($"install -D -m 0755 out/rawws {program}", page);
        Assert.Contains($"install -D -m 0644 docs/deployment.md {documentation}", page);
    }
}
