using System.Diagnostics;

namespace RawWs.Load;

/// <summary>Keeps processes to cores, with taskset (util-linux), where there is one.</summary>
internal static class CorePinning
{
    private static readonly Lazy<string?> Taskset = new(() => ExecutablePath.Find("taskset"));

    /// <summary>Whether processes can be pinned here.</summary>
    public static bool IsAvailable => Taskset.Value is not null;

    /// <summary>Lets what is about to be started run on one core only.</summary>
    public static void Apply(ProcessStartInfo start, int? core)
    {
        if (core is not { } number || Taskset.Value is not { } taskset)
            return;

        // taskset becomes the program that it starts: the process stays the same.
        string[] arguments = ["-c", $"{number}", start.FileName, .. start.ArgumentList];
        start.FileName = taskset;
        start.ArgumentList.Clear();
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
    }

    /// <summary>Keeps this process, with all threads that it has and will have, to one core.</summary>
    /// <exception cref="InvalidOperationException">There is no such core.</exception>
    public static async Task PinThisProcessAsync(int? core, CancellationToken cancellationToken)
    {
        if (core is not { } number || Taskset.Value is not { } taskset)
            return;

        var start = new ProcessStartInfo(taskset, ["-acp", $"{number}", $"{Environment.ProcessId}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!; // Null only for a process that is reused, through a shell.
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"This program can't be kept to core {number}: {error.Trim()}");
    }
}
