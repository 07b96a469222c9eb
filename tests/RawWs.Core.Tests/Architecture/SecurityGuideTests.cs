using System.Globalization;
using System.Text.RegularExpressions;
using RawWs.Testing;

namespace RawWs.Tests.Architecture;

/// <summary>What <c>docs/security.md</c> names as its proof is there.</summary>
public sealed partial class SecurityGuideTests
{
    private static readonly string Guide = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "security.md"));

    [Fact]
    public void Every_test_that_is_named_is_a_test_of_that_class()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "tests"), "*Tests*.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();
        var named = NamedTest().Matches(Guide).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, test => Assert.Contains(sources, source => Declares(source, test.Class, test.Method)));
    }

    [Fact]
    public void Every_threat_has_a_test()
    {
        var threats = Guide.Split('\n').Where(line => line.StartsWith("| **", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(threats);
        Assert.All(threats, threat => Assert.Matches(NamedTest(), threat));
    }

    [Fact]
    public void Every_option_that_is_named_has_the_default_that_is_said()
    {
        var named = NamedOption().Matches(Guide).Select(match => (Name: match.Groups[1].Value, Value: match.Groups[2].Value)).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, option => Assert.Equal((option.Name, DefaultOf(option.Name)), (option.Name, option.Value)));
    }

    [Fact]
    public void Every_option_of_Socket_IO_that_is_named_is_there()
    {
        var surface = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "src", "RawWs.SocketIO", "PublicApi.txt"));
        var options = surface[surface.IndexOf("RawWs.SocketIO.SocketIOServerOptions\n", StringComparison.Ordinal)..];
        var named = SocketIOOption().Matches(Guide).Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, option => Assert.Contains($" {option} {{ get;", options, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_group_that_is_named_is_one_of_the_conformance_suites()
    {
        var cases = string.Concat(Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "tests", "RawWs.Conformance", "Cases"), "*.cs").Select(File.ReadAllText));
        var named = NamedGroups().Matches(Guide).SelectMany(match => match.Groups[1].Captures).Select(capture => capture.Value).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, group => Assert.Contains($"\"{group}\"", cases, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_limit_and_deadline_of_the_server_is_named()
    {
        var limits = typeof(WebSocketServerOptions).GetProperties()
            .Select(property => property.Name)
            .Where(name => name.StartsWith("Max", StringComparison.Ordinal) || name.EndsWith("Timeout", StringComparison.Ordinal))
            .Except([nameof(WebSocketServerOptions.MaxReceiveSize)]); // It limits a system call, and nobody's attack.

        Assert.All(limits, name => Assert.Contains($"`{name}` (", Guide, StringComparison.Ordinal));
    }

    // By its text: a class may have several files, and tests of several transports are in one that others derive from.
    private static bool Declares(string source, string type, string method)
    {
        if (!Regex.IsMatch(source, $@"\bclass {type}\b"))
            return false;

        var lines = source.Split('\n').Select(line => line.Trim()).ToList();
        var at = lines.FindIndex(line => Regex.IsMatch(line, $@"^public (async )?(Task|void) {method}\("));
        var attributes = lines.Take(Math.Max(at, 0)).Reverse().TakeWhile(line => line.StartsWith('['));
        return attributes.Any(attribute => attribute is "[Fact]" or "[Theory]");
    }

    private static string DefaultOf(string name)
    {
        object? owner = name.StartsWith("TlsOptions.", StringComparison.Ordinal) ? new TlsOptions { Certificates = [] } : new WebSocketServerOptions();
        var property = owner.GetType().GetProperty(name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..]);
        Assert.True(property is not null, $"There is no option {name}.");
        return property.GetValue(owner) switch
        {
            null or false or int.MaxValue => "off",
            TimeSpan time => $"{time.TotalSeconds} s",
            int number => number.ToString("N0", CultureInfo.InvariantCulture),
            long memory when name == nameof(WebSocketServerOptions.MaxReceiveMemory) && memory == WebSocketServerOptions.ReceiveMemoryOf(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
                => "a quarter of the memory, at least 256 MiB, never more than half",
            long number => number.ToString("N0", CultureInfo.InvariantCulture),
            RateLimit rate => string.Create(CultureInfo.InvariantCulture, $"{rate.PerSecond:N0}/s, bursts of {rate.Burst:N0}"),
            System.Collections.ICollection { Count: 0 } => "none",
            OriginPolicy policy => ReferenceEquals(policy, OriginPolicy.SameHostWithCookie) ? nameof(OriginPolicy.SameHostWithCookie) : "another",
            var value => $"{value}",
        };
    }

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"`([A-Z][\w.]+)` \(([^)]+)\)")]
    private static partial Regex NamedOption();

    [GeneratedRegex(@"`SocketIOServerOptions\.(\w+)`")]
    private static partial Regex SocketIOOption();

    [GeneratedRegex(@"groups? (?:`([a-z-]+)`(?:, )?)+")]
    private static partial Regex NamedGroups();
}
