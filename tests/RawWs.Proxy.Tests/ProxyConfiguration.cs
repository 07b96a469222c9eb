namespace RawWs.Proxy.Tests;

/// <summary>A configuration of <c>eng/proxies</c>, with the places of this machine in it. What is replaced must be there: the file is the one that the documentation shows.</summary>
internal sealed class ProxyConfiguration(string name)
{
    private string _text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "proxies", name));

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
