namespace RawWs.Tests.Protocol;

/// <summary>One message of a client, with the control frames between its fragments, or one control frame.</summary>
/// <param name="Wire">Its bytes.</param>
/// <param name="Lines">What a <see cref="Transcript"/> says of it.</param>
internal sealed record Exchange(byte[] Wire, string[] Lines)
{
    public override string ToString() => $"{Hex.Of(Wire)} ({string.Join(", ", Lines)})";
}
