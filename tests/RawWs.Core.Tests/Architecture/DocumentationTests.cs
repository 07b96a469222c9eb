using System.Text.RegularExpressions;
using RawWs.Testing;

namespace RawWs.Tests.Architecture;

/// <summary>What the README shows is what the solution has.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Readme = Read("README.md");

    [Fact]
    public void The_sample_in_the_README_is_the_one_that_compiles()
        => Assert.Contains($"```csharp\n{Read("samples", "EmbeddedEcho", "Program.cs")}```", Readme, StringComparison.Ordinal);

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/embedding.md")]
    [InlineData("docs/migration.md")]
    [InlineData("docs/operations.md")]
    [InlineData("docs/security.md")]
    [InlineData("docs/socketio.md")]
    public void Every_piece_of_code_is_in_a_sample(string document)
    {
        var samples = Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "samples"), "*.cs", SearchOption.AllDirectories).Select(file => Read(file)).ToList();
        var pieces = CSharp().Matches(Read(document)).Select(match => match.Groups[1].Value);

        Assert.All(pieces, piece => Assert.Contains(samples, sample => sample.Contains(piece, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_configurations_of_proxies_are_those_that_the_tests_run_behind()
    {
        var pages = Read("docs", "operations.md") + Read("docs", "scale-out.md");
        var files = Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "eng", "proxies"));

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Contains($"\n{Read(file)}```", pages, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_limit_and_deadline_is_in_the_READMEs_table()
    {
        var limits = typeof(WebSocketServerOptions).GetProperties()
            .Select(property => property.Name)
            .Where(name => name.StartsWith("Max", StringComparison.Ordinal) || name.EndsWith("Timeout", StringComparison.Ordinal) || name.EndsWith("Interval", StringComparison.Ordinal));

        Assert.All(limits, name => Assert.Contains($"`{name}`", Readme, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("SECURITY.md")]
    [InlineData("docs/architecture.md")]
    [InlineData("docs/chat.md")]
    [InlineData("docs/conformance.md")]
    [InlineData("docs/dashboard.md")]
    [InlineData("docs/deployment.md")]
    [InlineData("docs/embedding.md")]
    [InlineData("docs/migration.md")]
    [InlineData("docs/operations.md")]
    [InlineData("docs/performance.md")]
    [InlineData("docs/scale-out.md")]
    [InlineData("docs/security.md")]
    [InlineData("docs/socketio.md")]
    [InlineData("docs/tools.md")]
    public void Every_link_to_a_file_leads_somewhere(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(RepositoryRoot.Path, document))!;
        var links = RelativeLink().Matches(Read(document)).Select(match => match.Groups[1].Value).ToList();

        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(folder, link)), $"{document} links to {link}"));
    }

    private static string Read(params string[] path) => File.ReadAllText(Path.Combine([RepositoryRoot.Path, .. path])).ReplaceLineEndings("\n");

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)")]
    private static partial Regex RelativeLink();
}
