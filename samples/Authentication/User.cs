namespace RawWs.Samples;

/// <summary>Who is connected, and by what that is known.</summary>
internal sealed record User(string Name, string KnownBy);
