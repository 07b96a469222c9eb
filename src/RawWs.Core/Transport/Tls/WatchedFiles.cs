using System.Security.Cryptography;

namespace RawWs.Transport;

/// <summary>Something that is made of files, and made again when they have changed. Files are compared by their content: whatever replaces them, and however.</summary>
/// <param name="paths">The files; none for what never changes.</param>
/// <param name="parse">Makes it of what they hold. Throws an <see cref="IOException"/> if that can't be used.</param>
/// <remarks>Looked at by one thread at a time. <see cref="Current"/> is read by any.</remarks>
internal sealed class WatchedFiles<T>(IReadOnlyList<string> paths, Func<IReadOnlyList<byte[]>, T> parse)
    where T : class
{
    /// <summary>More is no certificate, but perhaps a device that never ends.</summary>
    private const int MaxFileSize = 1 << 20;

    private T? _current;
    private string _used = "";
    private string _seen = "";
    private string _refused = "";

    /// <summary>What it is at this moment.</summary>
    public T Current => Volatile.Read(ref _current) ?? throw new InvalidOperationException("It has not been loaded.");

    /// <summary>What it is made of, for people.</summary>
    public string Name => paths.Count == 0 ? "memory" : string.Join(" and ", paths.Distinct());

    /// <summary>Makes it for the first time.</summary>
    /// <exception cref="IOException">A file can't be read, or what they hold can't be used; the message says which and why.</exception>
    public void Load()
    {
        var contents = Read();
        Volatile.Write(ref _current, parse(contents));
        _used = _seen = DigestOf(contents);
    }

    /// <summary>Looks whether the files have changed, and come to rest: what is only half written is there at one look and not at the next.</summary>
    /// <param name="failure">Why what is there now can't be used, told once; null if it can, or has been told.</param>
    /// <returns>Whether there is a new one.</returns>
    public bool TryReload(out string? failure)
    {
        failure = null;
        if (paths.Count == 0)
            return false;

        var (contents, state) = Look();
        var isAtRest = state == _seen;
        _seen = state;
        if (state == _used)
            _refused = "";

        if (!isAtRest || state == _used || state == _refused)
            return false;

        try
        {
            Volatile.Write(ref _current, parse(contents ?? throw new IOException(state)));
            (_used, _refused) = (state, "");
            return true;
        }
        catch (Exception error)
        {
            // The top of a look: whatever the platform makes of what somebody has put there, the server goes on with what was there before.
            (_refused, failure) = (state, error.Message);
            return false;
        }
    }

    /// <returns>What the files hold, and a text that is the same as long as that is; null and why where they can't be read.</returns>
    private (IReadOnlyList<byte[]>? Contents, string State) Look()
    {
        try
        {
            var contents = Read();
            return (contents, DigestOf(contents));
        }
        catch (IOException error)
        {
            return (null, error.Message);
        }
    }

    private byte[][] Read() => [.. paths.Select(Read)];

    private static byte[] Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!file.CanSeek)
                throw new IOException($"'{path}' is a pipe or the like, which can be read only once; write what comes out of it into a file.");

            if (file.Length > MaxFileSize)
                throw new IOException($"'{path}' is too large for a certificate or a key.");

            var content = new byte[file.Length];
            file.ReadExactly(content);
            return content;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"'{path}' does not exist; check the path.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"'{path}' can't be read: {(Directory.Exists(path) ? "it is a folder" : "permission denied; let this program's user read it")}.", error);
        }
    }

    private static string DigestOf(IEnumerable<byte[]> contents) => string.Concat(contents.Select(content => Convert.ToHexString(SHA256.HashData(content))));
}
