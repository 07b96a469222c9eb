using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace RawWs.SocketIO.Http;

/// <summary>The browser's client as its npm package has it, in <c>dist</c> of <c>socket.io-client</c> or <c>client-dist</c> of <c>socket.io</c>; read once.</summary>
internal static partial class ClientBundle
{
    private const string Main = "socket.io.js";

    private static readonly string[] Scripts = [Main, "socket.io.min.js", "socket.io.msgpack.min.js", "socket.io.esm.min.js"];

    /// <summary>Reads the files that are there; those that a page may ask for have fixed names.</summary>
    /// <param name="folder">Where they are.</param>
    /// <exception cref="ArgumentException">There is no <c>socket.io.js</c>.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static IReadOnlyDictionary<string, ClientFile> Read(string folder)
    {
        var contents = Scripts
            .SelectMany(script => (string[])[script, script + ".map"])
            .Where(name => File.Exists(Path.Combine(folder, name)))
            .ToDictionary(name => name, name => ReadFile(Path.Combine(folder, name)), StringComparer.Ordinal);
        if (!contents.TryGetValue(Main, out var main))
            throw new ArgumentException($"The folder '{folder}' has no {Main}; give the folder dist of the npm package socket.io-client, or client-dist of socket.io.", nameof(folder));

        var version = VersionOf(main);
        return contents.ToDictionary(
            file => file.Key, file => new ClientFile(file.Value, TypeOf(file.Key), $"\"{version ?? HashOf(file.Value)}\""), StringComparer.Ordinal);
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (UnauthorizedAccessException error)
        {
            // To whoever starts a server this is one trouble with files among others.
            throw new IOException(error.Message, error);
        }
    }

    private static string TypeOf(string name) => (name.EndsWith(".map", StringComparison.Ordinal) ? "application/json" : "application/javascript") + "; charset=utf-8";

    // The comment that every published file begins with.
    private static string? VersionOf(byte[] main)
        => Banner().Match(Encoding.ASCII.GetString(main.AsSpan(0, Math.Min(main.Length, 200)))) is { Success: true } banner ? banner.Groups[1].Value : null;

    private static string HashOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16));

    [GeneratedRegex(@"Socket\.IO v([0-9A-Za-z.+-]+)")]
    private static partial Regex Banner();
}
