namespace RawWs.Hosting.Configuration;

/// <summary>A value of the configuration is none that its option takes.</summary>
/// <param name="message">What it takes, without the key.</param>
internal sealed class SettingException(string message) : Exception(message);
