namespace RawWs.Tests.Protocol;

/// <summary>Wire bytes, written as RFC 6455 writes them: <c>81 85 37 fa 21 3d</c>.</summary>
internal static class Hex
{
    public static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
