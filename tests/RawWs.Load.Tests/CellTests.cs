namespace RawWs.Load.Tests;

public class CellTests
{
    [Fact]
    public void What_is_written_is_what_is_read()
    {
        const string Text = "echo 64,1024,16; latency 8,64,20000; fanout 1000,64,8; fanout 1000,64,@50; churn 64; idle 10000";

        Assert.Equal(Text, string.Join("; ", Cell.ParseAll(Text)));
    }

    [Theory]
    [InlineData("echo 64,64")]
    [InlineData("echo 64,0,1")]
    [InlineData("echo 64,64,@1")]
    [InlineData("fanout 10,7,1")]
    [InlineData("churn")]
    [InlineData("churn -1")]
    [InlineData("rate 64,64,1")]
    public void What_is_no_cell_is_refused_with_the_forms_that_there_are(string text)
        => Assert.Contains("fanout MEMBERS", Assert.Throws<FormatException>(() => Cell.ParseAll(text)).Message, StringComparison.Ordinal);
}
