using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace RawWs.SocketIO.Tests.Protocol;

/// <summary>Bytes that are mostly made of what a parser looks for, and sometimes of anything.</summary>
internal static class HostileBytes
{
    /// <param name="alphabet">What the parser looks for.</param>
    public static Arbitrary<byte[]> Arbitrary(string alphabet)
    {
        var any = Gen.Choose(0, 255).Select(value => (byte)value);
        var likely = alphabet.Length == 0 ? any : Gen.Elements(Encoding.UTF8.GetBytes(alphabet));
        return Gen.Frequency((9, likely), (1, any)).ArrayOf().ToArbitrary();
    }

    /// <param name="tokens">What the parser looks for, in pieces.</param>
    public static Arbitrary<byte[]> Tokens(params string[] tokens)
        => Gen.Elements(tokens).ArrayOf().Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces))).ToArbitrary();
}
