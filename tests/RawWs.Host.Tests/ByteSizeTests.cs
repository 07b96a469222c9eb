namespace RawWs.Host.Tests;

public class ByteSizeTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("65536", 65536)]
    [InlineData("64K", 65536)]
    [InlineData("64k", 65536)]
    [InlineData("64KiB", 65536)]
    [InlineData("16M", 16777216)]
    [InlineData("16mib", 16777216)]
    [InlineData("1G", 1073741824)]
    [InlineData("1GiB", 1073741824)]
    [InlineData("2147483591", 2147483591)]
    public void A_number_with_or_without_a_unit_of_1024_is_a_size(string text, long expected)
    {
        Assert.True(ByteSize.TryParse(text, Array.MaxLength, out var size));
        Assert.Equal(expected, size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0K")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.5M")]
    [InlineData("1,000")]
    [InlineData("16 M")]
    [InlineData("16MB")]
    [InlineData("16B")]
    [InlineData("M")]
    [InlineData("0x10")]
    [InlineData("2147483592")]
    [InlineData("2048M")]
    [InlineData("2G")]
    [InlineData("9223372036854775807G")]
    [InlineData("99999999999999999999")]
    public void Anything_else_and_what_is_too_much_is_none(string text)
        => Assert.False(ByteSize.TryParse(text, Array.MaxLength, out _));
}
