using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public class WebSocketKeyTests
{
    // RFC 6455 §1.3, and a second pair that other libraries test with.
    [Theory]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")]
    [InlineData("x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk=")]
    public void Key_has_its_answer(string key, string accept)
    {
        var output = new byte[WebSocketKey.AcceptLength];
        WebSocketKey.WriteAccept(Encoding.ASCII.GetBytes(key), output);

        Assert.Equal(accept, Encoding.ASCII.GetString(output));
    }

    [Theory]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("////////////////////+w==")]
    public void Base64_of_16_bytes_is_a_key(string key) => Assert.True(IsValid(key));

    [Theory]
    [InlineData("")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ")] // without padding
    [InlineData("dGhlIHNhbXBsZSBub25jZQ=")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ===")]
    [InlineData("dGhlIHNhbXBsZSBub25jZWE=")] // 17 bytes
    [InlineData("dGhlIHNhbXBsZSBub25jZWFi")] // 18 bytes
    [InlineData("dGhlIHNhbXBsZSBub25j")] // 15 bytes
    [InlineData("dGhlIHNhbXBsZSBub25jZQ== ")]
    [InlineData(" dGhlIHNhbXBsZSBub25jZQ=")]
    [InlineData("dGhl IHNhbXBsZSBub25jZQ==")]
    [InlineData("dGhl IHNhbXBsZSBub25jZQ=")] // 24 characters, one of them a space that decoders skip
    [InlineData("dGhlIHNhbXBsZSBub25j    ")]
    [InlineData("                        ")]
    [InlineData("========================")]
    [InlineData("dGhlIHNhbXBs=SBub25jZQ==")]
    [InlineData("dGhlIHNhbXBsZSBub25jZ===")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ--")]
    [InlineData("_GhlIHNhbXBsZSBub25jZQ==")] // base64url
    [InlineData("\xe9GhlIHNhbXBsZSBub25jZQ==")]
    [InlineData("\0GhlIHNhbXBsZSBub25jZQ==")]
    public void Anything_else_is_no_key(string key) => Assert.False(IsValid(key));

    private static bool IsValid(string key) => WebSocketKey.IsValid(Encoding.Latin1.GetBytes(key));
}
