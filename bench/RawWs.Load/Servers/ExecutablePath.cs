namespace RawWs.Load;

/// <summary>Where programs are.</summary>
internal static class ExecutablePath
{
    /// <returns>The path of a program that the shell would find, null if there is none.</returns>
    public static string? Find(string name)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
