using System.Diagnostics;

namespace RawWs.Load;

/// <summary>How a server is started.</summary>
/// <param name="FileName">A program.</param>
/// <param name="Arguments">Of the program. Where <see cref="PortPlace"/> is in one, the port is filled in.</param>
internal sealed record ServerStart(string FileName, IReadOnlyList<string> Arguments)
{
    public const string PortPlace = "{PORT}";

    private static readonly string DotNet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Whether it answers what it is asked on standard input, line by line.</summary>
    public bool Answers { get; init; }

    /// <summary>rawws, which the build puts beside this program.</summary>
    /// <param name="transport">sockets or eventloop.</param>
    public static ServerStart Rawws(string transport) => OfDotNet(
        Path.Combine(AppContext.BaseDirectory, "rawws.dll"),
        "--host", "127.0.0.1", "--port", PortPlace, "--transport", transport, "--log-level", "warning");

    public static ServerStart OfDotNet(string assembly, params IEnumerable<string> arguments) => new(DotNet, [assembly, .. arguments]);

    /// <summary>A line for the shell, which its program takes the place of.</summary>
    public static ServerStart OfShell(string line) => new("/bin/sh", ["-c", "exec " + line]);

    /// <summary>The same with more arguments.</summary>
    public ServerStart With(params IEnumerable<string> arguments) => this with { Arguments = [.. Arguments, .. arguments] };

    public ProcessStartInfo InfoFor(int port)
    {
        var start = new ProcessStartInfo(FileName) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = Answers };
        foreach (var argument in Arguments)
            start.ArgumentList.Add(argument.Replace(PortPlace, $"{port}", StringComparison.Ordinal));

        return start;
    }
}
