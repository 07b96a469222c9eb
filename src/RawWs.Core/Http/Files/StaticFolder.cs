namespace RawWs.Http;

/// <summary>
/// A folder whose files may be seen, and nothing else: no way leads out of it, neither through a path nor through a symbolic link. Links that stay inside are
/// followed. What begins with a dot is not there, but for <c>.well-known</c> (RFC 8615).
/// </summary>
/// <remarks>
/// Thread-safe. What is opened is a path whose parts have each been looked at and are no links; who can change the folder at the same moment is trusted, for he could
/// put anything into it.
/// </remarks>
internal sealed class StaticFolder
{
    /// <summary>What answers for a folder.</summary>
    public const string IndexName = "index.html";

    // A loop of links has no end of its own.
    private const int MaxLinkCount = 16;

    private readonly string _root;

    /// <param name="path">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public StaticFolder(string path)
    {
        var full = Path.GetFullPath(path);
        var top = Path.GetPathRoot(full)!; // A full path has one.
        _root = Directory.Exists(full) && Follow(top, SegmentsOf(full[top.Length..], Path.DirectorySeparatorChar)) is { } real
            ? real
            : throw new DirectoryNotFoundException($"There is no folder '{full}'.");
    }

    /// <summary>Looks for what a path names.</summary>
    /// <param name="path">The path below the folder, without a slash at its beginning, decoded as in <see cref="HttpRequest.Path"/>. With one at its end, or empty,
    /// it names the index of a folder.</param>
    /// <returns>A file or a folder that exists; null if there is none that may be seen.</returns>
    public FileSystemInfo? Find(string path)
    {
        string[] names = [.. path.Split('/').Select(name => name.Replace("%25", "%", StringComparison.Ordinal))];
        if (names[^1].Length == 0)
            names[^1] = IndexName;

        // An escaped slash is part of a name, and no file has such a one.
        if (path.Contains("%2F", StringComparison.Ordinal) || !names.All(MayBeSeen))
            return null;

        try
        {
            return Follow(_root, names) is { } real ? Look(real) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A name that is too long, or a folder that this process may not enter: nothing that can be seen.
            return null;
        }
    }

    private static bool MayBeSeen(string name)
        => name.Length > 0
            && (name[0] != '.' || name == ".well-known")
            && name.IndexOfAny(Path.GetInvalidFileNameChars()) < 0

            // Windows ignores these, so that one file would have many names.
            && (Path.DirectorySeparatorChar == '/' || name[^1] is not ('.' or ' '));

    private static FileSystemInfo? Look(string path)
    {
        if (Directory.Exists(path))
            return new DirectoryInfo(path);

        var file = new FileInfo(path);
        return file.Exists && (file.Attributes & FileAttributes.Device) == 0 ? file : null;
    }

    /// <summary>Goes down from a folder, through links too.</summary>
    /// <param name="root">The folder, which is no link and not reached through one.</param>
    /// <param name="names">The names to go through.</param>
    /// <returns>
    /// A path without links below the folder, of something that may or may not exist; null if it goes on below what is no folder, or if a link leads out of it or goes in circles.
    /// </returns>
    private static string? Follow(string root, IEnumerable<string> names)
    {
        var (path, linkCount, left) = (root, 0, new Stack<string>(names.Reverse()));
        while (left.TryPop(out var name))
        {
            // Joined and not combined: no name replaces what is before it.
            var next = Path.Join(path, name);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                // What is no folder has nothing below it, however many names a client goes on with: each would cost as much as all before it.
                if (left.Count > 0 && !Directory.Exists(next))
                    return null;

                path = next;
                continue;
            }

            // What the target names may lie behind other links: it is gone to from the top again.
            var full = Path.GetFullPath(target, path);
            if (++linkCount > MaxLinkCount || !IsInside(root, full))
                return null;

            path = root;
            foreach (var part in SegmentsOf(full[root.Length..], Path.DirectorySeparatorChar).Reverse())
                left.Push(part);
        }

        return path;
    }

    private static bool IsInside(string root, string path)
        => path.StartsWith(root, StringComparison.Ordinal)
            && (path.Length == root.Length || Path.EndsInDirectorySeparator(root) || path[root.Length] == Path.DirectorySeparatorChar);

    private static string[] SegmentsOf(string path, char separator) => path.Split(separator, StringSplitOptions.RemoveEmptyEntries);
}
