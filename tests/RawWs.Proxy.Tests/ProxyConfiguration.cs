namespace RawWs.Proxy.Tests;

/// <summary>A configuration of <c>eng/proxies</c>, with the places of this machine in it. What is replaced must be there: the file is the one that the documentation shows.</summary>
internal sealed class ProxyConfiguration(string name)
{
    // Where nginx would want to write as root.
    private static readonly string[] TemporaryFolders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

    private string _text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "proxies", name));

    /// <summary>One of nginx that reads requests.</summary>
    /// <param name="name">The file.</param>
    /// <param name="folder">Where nginx may write.</param>
    public static ProxyConfiguration ForNginx(string name, string folder) => new ProxyConfiguration(name)
        .With("http {", $"http {{ access_log off; {string.Concat(TemporaryFolders.Select(temporary => $"{temporary}_temp_path {Path.Combine(folder, temporary)}; "))}");

    /// <summary>
    /// One of HAProxy, which does not start where it can't have the descriptors for all of its connections. It takes a server for dead whose first answer is late, which on a busy machine it may be: here it waits longer.
    /// </summary>
    public static ProxyConfiguration ForHAProxy(string name) => new ProxyConfiguration(name)
        .With("maxconn 20000", "maxconn 100")
        .With("defaults\n", "defaults\n    timeout check 5m\n");

    public ProxyConfiguration With(string text, string replacement)
    {
        Assert.Contains(text, _text, StringComparison.Ordinal);
        _text = _text.Replace(text, replacement, StringComparison.Ordinal);
        return this;
    }

    /// <returns>The file.</returns>
    public string WriteTo(string folder)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, _text);
        return path;
    }
}
