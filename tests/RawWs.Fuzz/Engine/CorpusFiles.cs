namespace RawWs.Fuzz;

/// <summary>The corpus on disk: a folder for each kind of input, a file for each input, named after what it is.</summary>
internal static class CorpusFiles
{
    /// <summary>Where the build puts the committed corpus.</summary>
    public static string DefaultFolder => Path.Combine(AppContext.BaseDirectory, "corpus");

    /// <summary>The entries of a target, in an order that is the same everywhere.</summary>
    public static IReadOnlyList<(string Name, byte[] Input)> Read(FuzzTarget target, string folder) =>
    [
        .. target.CorpusFolders
            .Select(name => Path.Combine(folder, name))
            .Where(Directory.Exists)
            .SelectMany(path => Directory.EnumerateFiles(path, "*.bin"))
            .Select(path => (Name: Path.GetRelativePath(folder, path).Replace('\\', '/'), Path: path))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => (file.Name, File.ReadAllBytes(file.Path))),
    ];
}
