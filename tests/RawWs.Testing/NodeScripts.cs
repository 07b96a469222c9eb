using System.ComponentModel;
using System.Diagnostics;

namespace RawWs.Testing;

/// <summary>Scripts of a folder below <c>tests/interop</c> that need packages from npm.</summary>
/// <param name="name">The folder.</param>
/// <param name="packages">What is there when everything is installed.</param>
public sealed class NodeScripts(string name, params string[] packages)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(3);

    private static readonly SemaphoreSlim Installing = new(1);

    private readonly string _folder = Path.Combine(RepositoryRoot.Path, "tests", "interop", name);

    /// <summary>Installs what is not there yet.</summary>
    /// <returns>Null if everything is there; otherwise why it is not.</returns>
    public async Task<string?> InstallAsync()
    {
        // Tests run beside each other.
        await Installing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (Array.TrueForAll(packages, package => Directory.Exists(Path.Combine(_folder, "node_modules", package))))
                return null;

            var (exitCode, output) = await RunAsync("npm", "ci", "--no-audit", "--no-fund").ConfigureAwait(false);
            return exitCode == 0 ? null : "The packages can't be installed: " + output;
        }
        catch (Win32Exception error)
        {
            return $"There is no Node on this machine: {error.Message}";
        }
        finally
        {
            Installing.Release();
        }
    }

    /// <summary>Starts a script of the folder that does what it is told, once everything is installed.</summary>
    /// <exception cref="Win32Exception">There is no Node.</exception>
    public NodeProcess Start(params string[] arguments) => new(Process.Start(
        new ProcessStartInfo("node", arguments) { WorkingDirectory = _folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!); // Null only through a shell.

    /// <summary>Runs a program of this machine in the folder.</summary>
    /// <returns>Its code, and what it has said; if it fails, with what it said of that.</returns>
    /// <exception cref="Win32Exception">There is no such program.</exception>
    /// <exception cref="OperationCanceledException">It does not end.</exception>
    public async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.Start();
        using var timeout = new CancellationTokenSource(LongestWait);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(timeout.Token), process.StandardError.ReadToEndAsync(timeout.Token));
            await process.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false) + (process.ExitCode == 0 ? "" : await errors.ConfigureAwait(false)));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
