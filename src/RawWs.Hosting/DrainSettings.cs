namespace RawWs.Hosting;

/// <summary>How the server stops: what configuration and code may both set, around a value that can't change.</summary>
internal sealed class DrainSettings
{
    public DrainOptions Options { get; set; } = new();
}
