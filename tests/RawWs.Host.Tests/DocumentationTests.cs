using System.Text.RegularExpressions;
using RawWs.Testing;

namespace RawWs.Host.Tests;

/// <summary>What the README and the pages let people type is what the command line takes.</summary>
public sealed partial class DocumentationTests : IDisposable
{
    // What is typed may name files that are made by whoever types it.
    private static readonly string[] Files = ["certs/localhost.pem", "certs/localhost-key.pem", "rawws.pem", "rawws-key.pem", "node_modules/socket.io-client/dist/socket.io.js"];

    private readonly CommandLine _commandLine = new(_ => Task.FromResult(ExitCode.Success));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-documentation-");

    public DocumentationTests()
    {
        foreach (var file in Files)
        {
            var path = Path.Combine(_folder.FullName, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // A path within a folder has one.
            File.WriteAllText(path, "");
        }
    }

    [Theory]
    [InlineData("README.md", 11)]
    [InlineData("docs/conformance.md", 2)]
    [InlineData("docs/operations.md", 4)]
    [InlineData("docs/performance.md", 2)]
    [InlineData("docs/scale-out.md", 5)]
    [InlineData("docs/socketio.md", 1)]
    [InlineData("docs/tools.md", 4)]
    public void Every_command_that_can_be_typed_makes_sense(string document, int minCount)
    {
        var typed = Commands().Matches(File.ReadAllText(Path.Combine(RepositoryRoot.Path, document)).ReplaceLineEndings("\n")).Select(match => match.Groups[1].Value).ToList();

        Assert.InRange(typed.Count, minCount, int.MaxValue);
        Assert.All(typed, command => Assert.Equal((command, ""), (command, string.Join(' ', _commandLine.Parse(WordsOf(command)).Errors))));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string[] WordsOf(string command)
        => [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => Path.Exists(Path.Combine(_folder.FullName, word)) ? Path.Combine(_folder.FullName, word) : word)];

    // In a block, a comment of one, or a line: up to a comment, or to what stands for something else (FILE, […], …), with which it is none that can be typed.
    // A line of a block, in a comment of a configuration too, or a command of .NET in the text: up to a comment, or to what cannot be typed as it is (FILE, […], …).
    [GeneratedRegex(@"(?:^(?:\$ |#   )?(?:rawws|dotnet run --project src/RawWs\.Host --)|`dotnet run (?:--configuration Release )?--project src/RawWs\.Host --) ((?:(?! #|\[)[^`\n…A-Z|&<>])*)(?= #|`|$| \[)", RegexOptions.Multiline)]
    private static partial Regex Commands();
}
